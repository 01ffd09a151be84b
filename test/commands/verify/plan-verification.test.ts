import { describe, expect, test } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import { planVerification } from '../../../src/commands/verify/plan-verification.ts'
import { databaseId } from '../../../src/config/source-id.ts'
import { putArchive, temporaryVolume } from '../../support/volume.ts'

const HOUR = 3_600_000
const SPEC = { host: 'db', port: 5432, database: 'app' }
const DATABASE = { ...SPEC, id: databaseId(SPEC) }

async function plan(volume: string, now: string, filter: string | null = null) {
  const { entries } = await readCatalog(volume, { timeZone: 'UTC' })
  const allowedAge = { ms: 36 * HOUR, intervalMs: 24 * HOUR, place: 'backup.conf:3' }
  const fixed = {
    entries,
    place: 'on the volume',
    configured: [],
    backupDir: volume,
    filter,
    now: new Date(now),
    allowedAge,
  }
  return planVerification(DATABASE, { ...fixed, goodnessOf: () => 'unknown' })
}

function put(volume: string, date: string): void {
  putArchive(volume, `daily/${date}/db-app_${date}_01-00-00.sql.gz`, { manifest: false })
}

describe('planVerification', () => {
  test('FM71 without an archive there is nothing to prove, and what to do is said', async () => {
    const planned = await plan(temporaryVolume(), '2026-11-20T12:00:00Z')

    expect(planned).toMatchObject({
      entry: null,
      reasons: [{ kind: 'no-archive', text: expect.stringContaining('run backup -1') }],
    })
  })

  test('FM71 the newest archive counts for as long as the schedule allows, and not longer', async () => {
    const volume = temporaryVolume()
    put(volume, '2026-11-18')
    put(volume, '2026-11-19')

    const inTime = await plan(volume, '2026-11-20T13:00:00Z')
    const late = await plan(volume, '2026-11-20T13:00:01Z')

    expect(inTime).toMatchObject({ entry: { folder: 'daily/2026-11-19' }, reasons: [] })
    expect(late.reasons).toMatchObject([
      { kind: 'stale', text: expect.stringMatching(/36 h|1 d 12 h.*backup\.conf:3/) },
    ])
    expect(late.entry).not.toBeNull()
  })

  test('an archive that a person names may be as old as it is', async () => {
    const volume = temporaryVolume()
    put(volume, '2026-10-01')

    expect(await plan(volume, '2026-11-20T12:00:00Z', '2026-10-01')).toMatchObject({ reasons: [] })
  })

  test('FM30 says which newer one was passed over', async () => {
    const volume = temporaryVolume()
    put(volume, '2026-11-20')
    put(volume, '2030-01-01')

    const planned = await plan(volume, '2026-11-20T12:00:00Z')

    expect(planned.entry?.folder).toBe('daily/2026-11-20')
    expect(planned.notes).toEqual([expect.stringMatching(/2030-01-01.*dated in the future/)])
  })
})
