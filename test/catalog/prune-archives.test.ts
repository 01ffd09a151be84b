import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCatalog } from '../../src/catalog/catalog.ts'
import { openCheckedArchives } from '../../src/catalog/checked.ts'
import type { Lock } from '../../src/catalog/held-lock.ts'
import { acquireLock } from '../../src/catalog/locks.ts'
import { readPins } from '../../src/catalog/pins.ts'
import { carryOutPrune, type PruneRule, planPrune } from '../../src/catalog/prune-archives.ts'
import { OperatorError } from '../../src/errors.ts'
import { contentProblem } from '../../src/sources/sources.ts'
import { systemClock } from '../../src/system/clock.ts'
import { filesOf, manifestOf, putArchive, temporaryVolume } from '../support/volume.ts'

const never = new AbortController().signal
const KEEP = { daily: 2, weekly: 1, monthly: 1, yearly: 0, all: 3 }
const COUNTS: PruneRule = { kind: 'counts', keep: KEEP, strategy: 'rolling', fresh: null }
const NOW = new Date('2026-11-30T00:00:00Z')

/** Archives of db-app, one for each day of November 2026. */
function putDays(volume: string, days: readonly number[], manifest?: false): void {
  for (const day of days) putArchive(volume, pathOf(day), manifest === false ? { manifest } : {})
}

function pathOf(day: number): string {
  return `daily/2026-11-${day}/db-app_2026-11-${day}_01-00-00.sql.gz`
}

async function plan(volume: string, check: (path: string) => boolean, rule = COUNTS): ReturnType<typeof planPrune> {
  const { entries } = await readCatalog(volume, { timeZone: 'UTC', stems: new Set(['db-app']) })
  const checked = await openCheckedArchives(volume, () => {})
  const pins = await readPins(volume)
  return planPrune(
    { stem: 'db-app', entries, rule, now: NOW, checked, pins, contentProblem, check: async path => check(path) },
    never,
  )
}

function lockOf(volume: string): ReturnType<typeof acquireLock> {
  return acquireLock({ backupDir: volume, stem: 'db-app', runId: 'run', waitMs: 0, clock: systemClock }, never)
}

describe('planPrune', () => {
  test('FM24 FM87 archives of the original tool are read, each once, until the decision is made', async () => {
    const volume = temporaryVolume()
    putDays(volume, [10, 11, 12, 13, 14], false)
    const read: string[] = []
    const check = (path: string): boolean => read.push(path.slice(-25, -16)) > 0 && !path.includes('-14/')

    const first = await plan(volume, check)
    const second = await plan(volume, check)

    expect(read.map(text => text.slice(-2)).sort()).toEqual(['12', '13', '14'])
    expect(first.map(({ archive, action }) => `${action} ${archive.folder.slice(-2)}`)).toEqual([
      'keep 14',
      'keep 13',
      'keep 12',
      'remove 11',
      'remove 10',
    ])
    expect(second).toEqual(first)
  })

  test('FM186 nothing goes for one whose manifest a restore would refuse, though its head looks well', async () => {
    const verified = { at: '2026-11-20T00:00:00Z', from: 'volume', verdict: 'proved' }
    const broken = [{ verifications: [verified] }, { fingerprint: {} }, { roles: 5 }, { sha256: 7 }]
    for (const fields of broken) {
      const volume = temporaryVolume()
      putDays(volume, [11, 12, 13, 14])
      const path = pathOf(15)
      const manifest = { ...manifestOf(path.slice(path.lastIndexOf('/') + 1)), ...fields }
      putArchive(volume, path, { manifest: JSON.stringify(manifest) })
      const paths = new Set([11, 12, 13, 14].map(day => join(volume, pathOf(day))))

      const byCounts = await plan(volume, () => true, { ...COUNTS, keep: { ...KEEP, daily: 1 } })
      const named = await plan(volume, () => true, { kind: 'named', paths, force: false })

      const kept = (decisions: typeof named): string[] =>
        decisions.filter(({ action }) => action === 'keep').map(({ archive }) => archive.folder.slice(-2))
      expect(kept(byCounts)).toEqual(['15', '14'])
      expect(kept(named)).toEqual(['14'])
    }
  })

  test('FM132 one that only its period keeps gives no way while it is read', async () => {
    const volume = temporaryVolume()
    putDays(volume, [11, 12, 13])
    putArchive(volume, 'daily/2026-11-13/db-app_2026-11-13_02-00-00.sql.gz')
    const { entries } = await readCatalog(volume, { timeZone: 'UTC' })
    const checked = await openCheckedArchives(volume, () => {})
    const planned = (pinned: string) => {
      const pins = { has: ({ folder }: { readonly folder: string }) => folder === pinned }
      const by = { rule: COUNTS, now: NOW, checked, pins, contentProblem, check: async () => true }
      const input = { stem: 'db-app', entries, ...by }
      return planPrune(input, never)
    }

    const [free, read] = [await planned('none'), await planned('daily/2026-11-12')]

    expect(free[2]).toMatchObject({ action: 'keep', yields: 'period', archive: { day: '2026-11-12' } })
    expect(read[2]).toEqual({ ...free[2], reason: 'pinned: a verification or a restore reads it', yields: undefined })
  })

  test('a check that fails makes the plan fail', async () => {
    const volume = temporaryVolume()
    putDays(volume, [10, 11, 12], false)
    const broken = (): boolean => {
      throw new Error('unreadable')
    }

    await expect(plan(volume, broken)).rejects.toThrow('unreadable')
  })
})

describe('carryOutPrune', () => {
  test('FM23 removes what was decided of this database, with manifests, and nothing of others', async () => {
    const volume = temporaryVolume()
    putDays(volume, [10, 11, 12])
    putArchive(volume, 'daily/2026-11-10/db-app_archive_2026-11-10_01-00-00.sql.gz')
    await using lock = await lockOf(volume)

    const outcome = await carryOutPrune(volume, await plan(volume, () => true), lock)

    expect(outcome.error).toBeNull()
    expect(outcome.removed.map(archive => archive.folder)).toEqual(['daily/2026-11-10'])
    expect(filesOf(volume).filter(path => path.includes('2026-11-10'))).toEqual([
      'daily/2026-11-10/db-app_archive_2026-11-10_01-00-00.sql.gz',
      'daily/2026-11-10/db-app_archive_2026-11-10_01-00-00.sql.gz.json',
    ])
  })

  test('FM20 removes nothing once the lock is lost', async () => {
    const volume = temporaryVolume()
    putDays(volume, [10, 11, 12, 13])
    const lock = await lockOf(volume)
    const decisions = await plan(volume, () => true)
    await lock.release()

    const outcome = await carryOutPrune(volume, decisions, lock)

    expect(outcome).toMatchObject({ removed: [], error: { kind: 'locked' } })
    expect(filesOf(volume)).toHaveLength(8)
  })

  test('FM20 stops between two archives when the lock is lost', async () => {
    const volume = temporaryVolume()
    putDays(volume, [10, 11, 12, 13])
    const lost = new AbortController()
    const lock: Lock = {
      stem: 'db-app',
      problem: null,
      lost: lost.signal,
      check: async () => lost.abort(new OperatorError('locked', 'taken over')),
      release: async () => {},
      [Symbol.asyncDispose]: async () => {},
    }

    const outcome = await carryOutPrune(volume, await plan(volume, () => true), lock)

    expect(outcome).toMatchObject({ removed: [], error: { kind: 'locked' } })
    expect(filesOf(volume)).toHaveLength(8)
  })

  test('what can no longer be removed is an outcome, no exception, and the others are removed all the same', async () => {
    const volume = temporaryVolume()
    putDays(volume, [10, 11, 12, 13])
    await using lock = await lockOf(volume)
    const decisions = await plan(volume, () => true)
    rmSync(join(volume, pathOf(10)))
    mkdirSync(join(volume, pathOf(10)))

    const outcome = await carryOutPrune(volume, decisions, lock)

    expect(outcome).toMatchObject({ removed: [{ folder: 'daily/2026-11-11' }], error: { kind: 'volume' } })
  })
})
