import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CopyRecordState, revisionOf, withCopy } from '../../../src/catalog/copies.ts'
import { type Manifest, parseManifest } from '../../../src/catalog/manifest.ts'
import { TIERS, tierFields } from '../../../src/catalog/naming/archive-folder.ts'
import { recordVerification } from '../../../src/catalog/record-verification.ts'
import { manifestText } from '../../../src/catalog/write-manifest.ts'
import { DESTINATION_NAMES } from '../../../src/config/destination-settings.ts'
import type { Verdict } from '../../../src/events.ts'
import { contentProblem } from '../../../src/sources/sources.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { backupEnvironment, takeBackup } from '../../support/archives.ts'
import { backupFolder, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { verificationDir } from '../../support/scratch.ts'
import { temporaryVolume } from '../../support/volume.ts'
import { firstVersionProblem } from './manifest-schema.ts'

const TIMEOUT = 120_000
const AT = '2026-11-20T19:44:06-07:00'
// Written so that the compiler finds a word that is new.
const VERDICTS = Object.keys({ proved: 0, failed: 0, 'could-not-verify': 0 } satisfies Record<Verdict, 0>) as Verdict[]
const STATES = Object.keys({ waiting: 0, done: 0, failed: 0, damaged: 0 } satisfies Record<
  CopyRecordState,
  0
>) as CopyRecordState[]
const REASON = { kind: 'table', name: 'shop.customer', sqlstate: null, text: '9 rows; expected 10 rows' }

let server: PostgresServer
/** What this version writes: for a backup, into it after a proof, and for an archive that it adopts and proves. */
const written: { backup: string; proved: string; adopted: string } = { backup: '', proved: '', adopted: '' }
const KINDS = ['backup', 'proved', 'adopted'] as const

beforeAll(async () => {
  server = await startPostgres()
  using folder = backupFolder()
  using scratch = verificationDir()
  await server.createDatabase('shop')
  await server.sql('shop', 'CREATE ROLE clerk; CREATE TABLE customer AS SELECT generate_series(1, 10) AS id')
  await server.sql('postgres', "ALTER DATABASE shop SET work_mem = '7MB'; GRANT CREATE ON DATABASE shop TO clerk")
  const archive = await takeBackup(server, folder, { database: 'shop' })
  const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: scratch.path }
  const manifest = (): string => readFileSync(`${archive}.json`, 'utf8')
  written.backup = manifest()
  await runBackup(['-v', 'all'], { conf: folder.conf, env })
  written.proved = manifest()
  rmSync(`${archive}.json`)
  await runBackup(['-v', 'all', '--adopt'], { conf: folder.conf, env })
  written.adopted = manifest()
}, TIMEOUT)
afterAll(() => server.stop())

function readOf(kind: (typeof KINDS)[number]): Manifest {
  const manifest = parseManifest(written[kind])
  if (typeof manifest === 'string') throw new Error(manifest)
  return manifest
}

describe('the first version can read', () => {
  test.each(KINDS)('what this one writes: %s', kind => {
    expect(firstVersionProblem(written[kind])).toBeNull()
  })

  test('what stands in those', () => {
    expect(readOf('backup')).toMatchObject({ parts: [{ part: 'roles' }, { part: 'dump' }, { part: 'database' }] })
    expect(readOf('backup')).toHaveProperty('roles.roles')
    expect(readOf('backup')).not.toHaveProperty('kind')
    expect(readOf('proved')).toMatchObject({ verifications: [{ verdict: 'proved', from: 'volume' }] })
    expect(readOf('adopted')).toMatchObject({ adopted: {}, verifications: [{ from: 'volume' }] })
  })

  test.each(TIERS)('FM245 one of the tier %s, and one of none', tier => {
    for (const each of [tier, null]) {
      expect(firstVersionProblem(manifestText({ ...readOf('backup'), ...tierFields(each) }))).toBeNull()
    }
  })

  test.each(KINDS)('copies at each destination in each state: %s', kind => {
    for (const state of STATES) {
      const copied = DESTINATION_NAMES.reduce((manifest, destination) => {
        const copy = withCopy(manifest, { destination, state, at: AT, name: manifest.archive, bytes: 1 })
        return withCopy(copy, { destination, state, at: AT, name: copy.archive, bytes: 1, revision: revisionOf(copy) })
      }, readOf(kind))

      expect(copied.copies).toHaveLength(DESTINATION_NAMES.length)
      expect(firstVersionProblem(manifestText(copied))).toBeNull()
    }
  })

  test.each(KINDS)('each verdict from each place, as it is recorded: %s', async kind => {
    const volume = temporaryVolume()
    const path = join(volume, 'daily/2026-11-20', basename(readOf(kind).archive))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    writeFileSync(`${path}.json`, written[kind])
    const entry = { path, stem: 'shop' }
    const input = { backupDir: volume, entry, runId: 'run', clock: systemClock, contentProblem }
    for (const from of ['volume', ...DESTINATION_NAMES] as const) {
      for (const verdict of VERDICTS) {
        const reasons = verdict === 'proved' ? [] : [REASON]
        const verification = { at: AT, from, verdict, durationSeconds: 3.2, reasons }
        await recordVerification(input, verification, new AbortController().signal)
      }
    }

    const text = readFileSync(`${path}.json`, 'utf8')

    expect(JSON.parse(text).verifications.length).toBeGreaterThanOrEqual(9)
    expect(firstVersionProblem(text)).toBeNull()
  })

  test('what was written is only added to: the other bytes stay', () => {
    const withoutVerdicts = ({ verifications: _, ...others }: Manifest): string => JSON.stringify(others)

    expect(withoutVerdicts(readOf('proved'))).toBe(withoutVerdicts(readOf('backup')))
  })
})

describe('the first version cannot read', () => {
  const copy = { state: 'done', at: AT, name: 'a', bytes: 1 }
  const verification = { at: AT, from: 'volume', verdict: 'proved', durationSeconds: 1, reasons: [] }

  test.each<readonly [string, object, string]>([
    ['another tier', { tier: 'hourly' }, 'tier'],
    ['another part', { parts: [{ part: 'files', offset: 0, bytes: 1, status: 'complete' }] }, 'parts.0.part'],
    ['another status of a part', { parts: [{ part: 'dump', offset: 0, bytes: 1, status: 'late' }] }, 'parts.0.status'],
    ['another destination', { copies: [{ ...copy, destination: 'tape' }] }, 'copies.0.destination'],
    ['a verdict from elsewhere', { verifications: [{ ...verification, from: 'tape' }] }, 'verifications.0.from'],
    ['another verdict', { verifications: [{ ...verification, verdict: 'good' }] }, 'verifications.0.verdict'],
  ])('%s, so that this one may not write it', (_, change, field) => {
    const text = JSON.stringify({ ...readOf('backup'), ...change })

    expect(firstVersionProblem(text)).toMatch(`field "${field}": Invalid option`)
  })
})
