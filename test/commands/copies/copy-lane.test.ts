import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { CopyRecordState } from '../../../src/catalog/copies.ts'
import { noteRemovedCopy } from '../../../src/catalog/removed-copies.ts'
import { type ArchiveToCopy, type CopyLane, createCopyLane } from '../../../src/commands/copies/copy-lane.ts'
import type { Destination } from '../../../src/destinations/destination.ts'
import { type FailureKind, OperatorError } from '../../../src/errors.ts'
import { commandContext } from '../../support/command-context.ts'
import { type MemoryFolder, memoryDestination } from '../../support/memory-destination.ts'
import { putArchive, temporaryVolume } from '../../support/volume.ts'

const STEM = 'wallet-tob'
const SHA256 = createHash('sha256').update('x'.repeat(100)).digest('hex')
const signal = AbortSignal.timeout(60_000)

const nameOf = (day: string): string => `${STEM}_2026-11-${day}_01-00-00.sql.gz`

/** Puts an archive on the volume whose copy is in this state. */
function put(volume: string, day: string, state: CopyRecordState): ArchiveToCopy {
  const name = nameOf(day)
  const folder = `daily/2026-11-${day}`
  const copies = [{ destination: 's3', state, at: '2026-11-20T01:00:00-07:00', name, bytes: 100 } as const]
  const path = putArchive(volume, `${folder}/${name}`, { manifest: { sha256: SHA256, copies } })
  return { database: 'wallet/tob', entry: { path, folder, name, stem: STEM }, bytes: 100 }
}

function laneTo(destination: Destination, volume: string): CopyLane {
  const { context } = commandContext(volume, [STEM])
  return createCopyLane({ destination, retention: 'mirror', context, report() {} })
}

/** Refuses every file, and counts how often it was asked. */
function refusing(kind: FailureKind): { destination: Destination; puts(): number } {
  let puts = 0
  const destination: Destination = {
    ...memoryDestination(),
    async put() {
      puts += 1
      throw new OperatorError(kind, 'memory: refused')
    },
  }
  return { destination, puts: () => puts }
}

describe('a lane', () => {
  test('FM50 removes nothing of a database that this run did not back up, even if it made up for a copy of it', async () => {
    const volume = temporaryVolume()
    const files: MemoryFolder = new Map([[nameOf('18'), Buffer.alloc(100)]])
    const archive = put(volume, '20', 'failed')
    await noteRemovedCopy(volume, { archive: nameOf('18'), stem: STEM, destinations: ['s3'] })
    const failedRun = laneTo(memoryDestination(files), volume)

    await failedRun.catchUp(signal)
    const afterFailure = await failedRun.finish(signal)
    const nextRun = laneTo(memoryDestination(files), volume)
    await nextRun.copy(archive, signal)
    const afterSuccess = await nextRun.finish(signal)

    expect(afterFailure).toMatchObject({ caughtUp: 1, missing: 0, removed: [], failure: null })
    expect(afterSuccess).toMatchObject({ removed: [nameOf('18')], failure: null })
    expect([...files.keys()].toSorted()).toEqual([nameOf('20'), `${nameOf('20')}.json`])
  })

  test.each<FailureKind>(['authentication', 'rights', 'space', 'configuration', 'connection'])(
    'asks a destination once that refuses for a reason of the kind %s',
    async kind => {
      const volume = temporaryVolume()
      const archives = ['18', '19', '20'].map(day => put(volume, day, 'waiting'))
      const { destination, puts } = refusing(kind)
      const lane = laneTo(destination, volume)

      const outcomes = await Promise.all(archives.map(archive => lane.copy(archive, signal)))
      await lane.catchUp(signal)
      const end = await lane.finish(signal)

      expect(outcomes.map(({ state, failure }) => [state, failure?.kind])).toEqual(
        [1, 2, 3].map(() => ['failed', kind]),
      )
      expect(puts()).toBe(1)
      expect(end).toMatchObject({ caughtUp: 0, missing: 3, failure: { kind } })
    },
  )

  test('goes on with the other files when one is refused for a reason of its own', async () => {
    const volume = temporaryVolume()
    const archives = ['19', '20'].map(day => put(volume, day, 'waiting'))
    const { destination, puts } = refusing('incomplete')
    const lane = laneTo(destination, volume)

    await Promise.all(archives.map(archive => lane.copy(archive, signal)))

    expect(puts()).toBe(2)
  })

  test('makes up for earlier archives newest first', async () => {
    const volume = temporaryVolume()
    for (const day of ['18', '20', '19']) put(volume, day, day === '19' ? 'waiting' : 'failed')
    const files: MemoryFolder = new Map()
    const lane = laneTo(memoryDestination(files), volume)

    await lane.catchUp(signal)

    expect([...files.keys()].filter(name => name.endsWith('.gz'))).toEqual(['20', '19', '18'].map(nameOf))
  })

  test('after an abort tries nothing, and counts what is missing', async () => {
    const volume = temporaryVolume()
    const archive = put(volume, '20', 'waiting')
    const { destination, puts } = refusing('connection')
    const lane = laneTo(destination, volume)
    const aborted = AbortSignal.abort(new Error('enough'))

    const outcome = await lane.copy(archive, aborted)
    await lane.catchUp(aborted)
    const end = await lane.finish(aborted)

    expect(outcome).toMatchObject({ state: 'waiting', failure: null })
    expect(end).toMatchObject({ missing: 1, failure: null })
    expect(puts()).toBe(0)
  })
})
