import { readFileSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { acquireLock } from '../../src/catalog/locks.ts'
import { type RecordedVerification, recordVerification } from '../../src/catalog/record-verification.ts'
import { addManifest } from '../../src/catalog/update-manifest.ts'
import { contentProblem } from '../../src/sources/sources.ts'
import { systemClock } from '../../src/system/clock.ts'
import { filesOf, manifestOf, putArchive, temporaryVolume } from '../support/volume.ts'

const never = new AbortController().signal
const NAME = 'db-app_2026-11-20_01-00-00.sql.gz'
const PATH = `daily/2026-11-20/${NAME}`

function verification(
  day: number,
  verdict: RecordedVerification['verdict'] = 'could-not-verify',
): RecordedVerification {
  const at = `2026-11-${String(day).padStart(2, '0')}T05:00:00-07:00`
  return { at, from: 'volume', verdict, durationSeconds: 3.2, reasons: [] }
}

function inputFor(volume: string) {
  const entry = { path: `${volume}/${PATH}`, stem: 'db-app' }
  return { backupDir: volume, entry, runId: 'run', clock: systemClock, contentProblem }
}

function recorded(volume: string): { verifications: RecordedVerification[]; [name: string]: unknown } {
  return JSON.parse(readFileSync(`${volume}/${PATH}.json`, 'utf8'))
}

describe('recordVerification', () => {
  test('adds a verdict, and keeps every field that this version does not know', async () => {
    const volume = temporaryVolume()
    const unknown = { later: { deep: [1] } }
    const first = { ...verification(1), colour: 'red' }
    putArchive(volume, PATH, { manifest: { ...unknown, verifications: [first] } })

    await recordVerification(inputFor(volume), verification(2, 'proved'), never)

    expect(recorded(volume)).toMatchObject({ ...unknown, archive: NAME, rawBytes: 1000 })
    expect(recorded(volume).verifications).toEqual([first, verification(2, 'proved')])
    expect(filesOf(volume)).toEqual([PATH, `${PATH}.json`])
  })

  test('FM88 does not wait for a backup of the same database', async () => {
    const volume = temporaryVolume()
    putArchive(volume, PATH)
    const lock = { backupDir: volume, stem: 'db-app', runId: 'other', waitMs: 0, clock: systemClock }
    await using _backup = await acquireLock(lock, never)

    await recordVerification(inputFor(volume), verification(1), never)

    expect(recorded(volume).verifications).toHaveLength(1)
  })

  test('many at the same time lose none of one another', async () => {
    const volume = temporaryVolume()
    putArchive(volume, PATH)
    const days = [1, 2, 3, 4, 5, 6]

    await Promise.all(days.map(day => recordVerification(inputFor(volume), verification(day), never)))

    const found = recorded(volume).verifications.map(({ at }) => at)
    expect(found.sort()).toEqual(days.map(day => verification(day).at))
  })

  test('keeps the newest twenty, and the newest proof besides', async () => {
    const volume = temporaryVolume()
    const old = [verification(1, 'proved'), ...Array.from({ length: 25 }, (_, index) => verification(index + 2))]
    putArchive(volume, PATH, { manifest: { verifications: old } })

    await recordVerification(inputFor(volume), verification(28, 'failed'), never)

    const kept = recorded(volume).verifications
    expect(kept).toHaveLength(21)
    expect(kept.map(({ verdict }) => verdict)).toEqual(['proved', ...Array(19).fill('could-not-verify'), 'failed'])
    expect(kept[1]).toEqual(verification(8))
  })

  test('writes nothing beside an archive that is gone', async () => {
    const volume = temporaryVolume()
    rmSync(putArchive(volume, PATH))

    const recording = recordVerification(inputFor(volume), verification(1), never)

    await expect(recording).rejects.toMatchObject({ kind: 'volume' })
  })
})

describe('addManifest', () => {
  test('never writes over a manifest that is there', async () => {
    const volume = temporaryVolume()
    putArchive(volume, PATH, { manifest: false })

    const first = await addManifest(inputFor(volume), manifestOf(NAME), never)
    const second = await addManifest(inputFor(volume), { ...manifestOf(NAME), rawBytes: 7 }, never)

    expect([first, second]).toEqual([true, false])
    expect(recorded(volume).rawBytes).toBe(1000)
  })
})
