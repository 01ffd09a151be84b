import { describe, expect, test } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import { goodnessByManifest } from '../../../src/catalog/goodness.ts'
import { databaseStatus, readDatabaseStatus } from '../../../src/commands/service/database-status.ts'
import { recordedDatabase } from '../../../src/config/source-id.ts'
import type { DatabaseOutcome, RunReport } from '../../../src/events.ts'
import { goodBackup } from '../../notifications/samples.ts'
import { commandContext } from '../../support/command-context.ts'
import { putArchive, temporaryVolume } from '../../support/volume.ts'

const NOW = new Date('2026-11-21T09:00:00Z')
const FACTS = {
  runId: 'run-1',
  trigger: 'schedule',
  startedAt: '2026-11-20T01:00:00-07:00',
  finishedAt: '2026-11-20T01:00:09-07:00',
  seconds: 9,
  exitCode: 5,
  interrupted: false,
  problems: [],
} as const

async function statusOf(
  volume: string,
  reports: readonly RunReport[] = [],
): Promise<ReturnType<typeof databaseStatus>> {
  const { configuration } = commandContext(volume, ['wallet-db-tob']).context
  const { entries } = await readCatalog(volume, { timeZone: 'America/Vancouver' })
  const goodnessOf = goodnessByManifest
  const database = recordedDatabase({ host: 'wallet-db', port: 5432, name: 'tob' })
  return databaseStatus(database, entries, { now: NOW, reports, destinations: ['ftp'], configuration, goodnessOf })
}

function pathOf(date: string): string {
  return `daily/${date}/wallet-db-tob_${date}_01-00-00.sql.gz`
}

describe('the status of a database', () => {
  test('FM56 is what the manifests say: the newest good archive, and what is on the volume', async () => {
    const volume = temporaryVolume()
    putArchive(volume, pathOf('2026-11-18'), { bytes: 70 })
    putArchive(volume, pathOf('2026-11-19'), { bytes: 80 })
    putArchive(volume, `weekly/2026-11-15/wallet-db-tob_2026-11-15_01-00-00.sql.gz`, { bytes: 50 })
    putArchive(volume, pathOf('2026-11-20'), { bytes: 5, manifest: { storedBytes: 90 } })

    const status = await statusOf(volume)

    expect(status.lastSuccess).toMatchObject({ startedAt: '2026-11-19T01:00:00-07:00', storedBytes: 80 })
    expect(status.archives).toEqual({ daily: 3, weekly: 1, monthly: 0, yearly: 0, other: 0 })
    expect(status.storedBytes).toBe(205)
  })

  test('FM207 says how it stands, as -l does', async () => {
    const volume = temporaryVolume()
    expect(await statusOf(volume)).toMatchObject({ state: 'never', since: null })
    putArchive(volume, pathOf('2026-11-18'))
    expect(await statusOf(volume)).toMatchObject({ state: 'overdue', since: '2026-11-19T08:00:00.000Z' })
    putArchive(volume, pathOf('2026-11-21'))
    expect(await statusOf(volume)).toMatchObject({ state: 'on-time', since: null })
  })

  test('FM30 has no success in the future', async () => {
    const volume = temporaryVolume()
    putArchive(volume, pathOf('2026-11-20'))
    putArchive(volume, pathOf('2028-01-01'))

    expect((await statusOf(volume)).lastSuccess?.startedAt).toBe('2026-11-20T01:00:00-07:00')
  })

  test('FM49 tells how old the newest copy is, and how many are missing', async () => {
    const volume = temporaryVolume()
    for (const [day, state] of [
      ['18', 'failed'],
      ['19', 'done'],
      ['20', 'waiting'],
    ] as const) {
      const name = `wallet-db-tob_2026-11-${day}_01-00-00.sql.gz`
      const copy = { destination: 'ftp', state, at: '2026-11-20T01:00:00-07:00', name, bytes: 100 } as const
      putArchive(volume, pathOf(`2026-11-${day}`), { manifest: { copies: [copy] } })
    }

    expect((await statusOf(volume)).copies).toEqual([
      { destination: 'ftp', archiveAt: '2026-11-19T01:00:00-07:00', missing: 2 },
    ])
  })

  test('FM71 tells the newest archive that is proved from the newest that there is', async () => {
    const volume = temporaryVolume()
    const verification = { at: '2026-11-19T04:00:00-07:00', from: 'volume', durationSeconds: 1, reasons: [] } as const
    putArchive(volume, pathOf('2026-11-18'), { manifest: { verifications: [{ ...verification, verdict: 'proved' }] } })
    putArchive(volume, pathOf('2026-11-19'), { manifest: { verifications: [{ ...verification, verdict: 'failed' }] } })
    putArchive(volume, pathOf('2026-11-20'))

    const status = await statusOf(volume)

    expect(status.lastProved?.archiveAt).toBe('2026-11-18T01:00:00-07:00')
    expect(status.lastSuccess?.startedAt).toBe('2026-11-20T01:00:00-07:00')
  })

  test('FM71 knows from the history that there was nothing to verify', async () => {
    const outcome = {
      database: 'wallet-db/tob',
      archive: null,
      from: 'volume',
      takenAt: null,
      verdict: 'could-not-verify',
      facts: { isWhatWasDumped: 'unknown', loads: 'unknown', comesBack: 'unknown' },
      reasons: [],
      notes: [],
      counts: [],
      seconds: 0,
      restoreSeconds: null,
    } as const

    const status = await statusOf(temporaryVolume(), [{ ...FACTS, mode: 'verify', outcomes: [outcome] }])

    expect(status.lastVerification).toEqual({ at: FACTS.finishedAt, verdict: 'could-not-verify' })
    expect(status.lastSuccess).toBeNull()
  })

  test('FM42 has the last backup that was tried, with the kind of failure', async () => {
    const failure = { kind: 'authentication', message: 'm', hint: null, sqlstate: '28P01', object: null } as const
    const outcomes = [{ result: 'failed', database: 'wallet-db/tob', seconds: 2, failure }] as const

    const status = await statusOf(temporaryVolume(), [{ ...FACTS, mode: 'backup', outcomes }])

    expect(status.lastRun).toEqual({
      finishedAt: FACTS.finishedAt,
      result: 'failed',
      seconds: 2,
      reason: 'authentication',
    })
  })

  test('FM144 has what restores have kept as the last backup saw it that looked', async () => {
    const kept = {
      name: 'tob_before_20261120_010000',
      bytes: 7_000_000,
      since: '2026-11-20T01:00:00-07:00',
      dropWith: 'DROP DATABASE "tob_before_20261120_010000";',
    }
    const failure = { kind: 'authentication', message: 'm', hint: null, sqlstate: '28P01', object: null } as const
    const ran = (outcome: DatabaseOutcome, day: string): RunReport => ({
      ...{ ...FACTS, mode: 'backup', finishedAt: `2026-11-${day}T01:00:09-07:00` },
      outcomes: [outcome],
    })
    const seeing = { ...goodBackup('wallet-db/tob'), keptByRestores: [kept] }
    const blind = { ...goodBackup('wallet-db/tob'), keptByRestores: null }
    const saw = ran(seeing, '20')
    const failed = ran({ result: 'failed', database: 'wallet-db/tob', seconds: 2, failure }, '21')
    const notTold = ran(blind, '22')

    const keptAfter = async (...reports: readonly RunReport[]) => (await statusOf(temporaryVolume(), reports)).kept

    expect(await keptAfter(failed)).toBeNull()
    expect(await keptAfter(saw, failed, notTold)).toEqual({ seenAt: saw.finishedAt, databases: [kept] })
    expect(await keptAfter(saw, ran(goodBackup('wallet-db/tob'), '23'))).toMatchObject({ databases: [] })
  })
})

test('a shard tells of its own databases only: those of the others are not late', async () => {
  const { configuration } = commandContext(temporaryVolume(), ['db-a', 'db-b', 'db-c', 'db-d']).context

  const parts = await Promise.all(
    [0, 1].map(index => {
      const settings = { ...configuration.settings, shard: { index, count: 2 } }
      return readDatabaseStatus(
        { ...configuration, settings },
        {
          now: NOW,
          reports: [],
          goodnessOf: goodnessByManifest,
        },
      )
    }),
  )

  const names = parts.map(part => part.map(({ database }) => database))
  expect(names.flat().toSorted()).toEqual(['db/a', 'db/b', 'db/c', 'db/d'])
  expect(names.every(part => part.length > 0)).toBe(true)
})
