import { describe, expect, test } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import type { CopyRecord } from '../../../src/catalog/copies.ts'
import { noteRemovedCopy, readRemovedCopies } from '../../../src/catalog/removed-copies.ts'
import { removeCopies } from '../../../src/commands/copies/remove-copies.ts'
import { type MemoryFolder, memoryDestination } from '../../support/memory-destination.ts'
import { putArchive, temporaryVolume } from '../../support/volume.ts'

const STEM = 'wallet-db-tob'
const GONE = `${STEM}_2026-11-18_01-00-00.sql.gz`
const KEPT = `${STEM}_2026-11-20_01-00-00.sql.gz`
const signal = AbortSignal.timeout(60_000)

interface Given {
  readonly there: readonly string[]
  readonly retention?: 'mirror' | 'keep'
  readonly stems?: readonly string[]
  /** State of the copy of the archive that stays. */
  readonly kept?: string
  /** Whether the archive that was to go is still on the volume. */
  readonly stillThere?: boolean
  /** The size of the archive, where no manifest says that it was copied. */
  readonly bytes?: number
}

/** Removes the copies of one archive that retention has removed; resolves with what is left there, and what is noted still. */
async function removeFrom(given: Given): Promise<{ left: readonly string[]; noted: number }> {
  const volume = temporaryVolume()
  const copy: CopyRecord = {
    destination: 's3',
    state: given.kept ?? 'done',
    at: '2026-11-20T01:00:00-07:00',
    name: KEPT,
    bytes: 100,
  }
  putArchive(volume, `daily/2026-11-20/${KEPT}`, { manifest: { copies: [copy] } })
  if (given.stillThere === true) putArchive(volume, `daily/2026-11-18/${GONE}`)
  await noteRemovedCopy(volume, {
    ...{ archive: GONE, stem: STEM, destinations: ['s3'] },
    ...(given.bytes === undefined ? {} : { bytes: given.bytes }),
  })
  const files: MemoryFolder = new Map(given.there.map(name => [name, Buffer.alloc(100)]))
  const { entries } = await readCatalog(volume, { timeZone: 'UTC' })
  const input = {
    backupDir: volume,
    destination: memoryDestination(files),
    retention: given.retention ?? 'mirror',
    entries,
  }
  await removeCopies({ ...input, stems: new Set(given.stems ?? [STEM]), onRemoved() {} }, signal)
  return { left: [...files.keys()], noted: (await readRemovedCopies(volume)).length }
}

const both = (name: string): readonly string[] => [name, `${name}.json`]
const ALL = [...both(GONE), ...both(KEPT), `${STEM}_2026-11-17_01-00-00.sql.gz`, 'notes.txt']

describe('copies of archives that retention removed', () => {
  test('FM50 go, by their exact names', async () => {
    const { left, noted } = await removeFrom({ there: ALL })

    expect(left).toEqual(ALL.filter(name => !name.startsWith(GONE)))
    expect(noted).toBe(0)
  })

  test('FM26 stay under keep', async () => {
    expect(await removeFrom({ there: ALL, retention: 'keep' })).toEqual({ left: ALL, noted: 0 })
  })

  test.each<readonly [string, Partial<Given>]>([
    ['the database was not backed up and copied in this run', { stems: [] }],
    ['no copy of an archive that is on the volume is done', { kept: 'failed' }],
    ['the copy that should be there is not', { there: both(GONE) }],
    ['its manifest is not', { there: [...both(GONE), KEPT] }],
  ])('FM49 FM50 stay for a later run when %s', async (_, given) => {
    const { there = ALL } = given

    expect(await removeFrom({ there, ...given })).toEqual({ left: there, noted: 1 })
  })

  test('FM125 of the bash tool go where name and size are those of the archive, else they stay for good', async () => {
    expect((await removeFrom({ there: ALL, bytes: 100 })).left).toEqual(ALL.filter(name => !name.startsWith(GONE)))
    expect(await removeFrom({ there: ALL, bytes: 101 })).toEqual({ left: ALL, noted: 0 })
  })

  test('stay for good when the archive is on the volume after all', async () => {
    expect(await removeFrom({ there: ALL, stillThere: true })).toEqual({ left: ALL, noted: 0 })
  })
})
