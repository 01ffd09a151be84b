import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Manifest, parseManifest } from '../../../src/catalog/manifest.ts'
import { readManifestHead } from '../../../src/catalog/manifest-head.ts'
import { recordVerification } from '../../../src/catalog/record-verification.ts'
import { lookAtManifest, readManifest } from '../../../src/catalog/update-manifest.ts'
import { contentProblem } from '../../../src/sources/sources.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { manifestOf, putArchive, temporaryVolume } from '../../support/volume.ts'

const NAME = 'wallet-db-tob_2026-11-20_01-00-00.sql.gz'
const PATH = `daily/2026-11-20/${NAME}`
const whole = manifestOf(NAME)
const [table] = whole.fingerprint.tables
const role = { name: 'a\0', superuser: false }

/** Each with what is said of it. */
const UNUSABLE: readonly (readonly [string, object, string])[] = [
  [
    'whose rows are a text',
    { fingerprint: { ...whole.fingerprint, tables: [{ ...table, rows: '1' }] } },
    'field "fingerprint.tables.0.rows": Invalid input: expected number, received string',
  ],
  [
    'with another fingerprint',
    { fingerprint: { ...whole.fingerprint, version: 2 } },
    'field "fingerprint.version": Invalid input: expected 1',
  ],
  [
    'without a fingerprint',
    { fingerprint: undefined },
    'field "fingerprint": Invalid input: expected object, received undefined',
  ],
  [
    'without the facts of its database',
    { database: { host: 'wallet-db', port: 5432, name: 'tob' } },
    'field "database.owner": Invalid input: expected string, received undefined',
  ],
  [
    'with a zero byte in the name of a role',
    { roles: { roles: [role], memberships: [], parameterRights: [] } },
    'field "roles.roles.0.name": a zero byte; expected text',
  ],
  ['without a server', { server: null }, 'field "server": Invalid input: expected object, received null'],
  [
    'with a part that no archive of PostgreSQL has',
    { parts: whole.parts.map(part => (part.part === 'roles' ? { ...part, part: 'files' } : part)) },
    'field "parts.0.part": Invalid option: expected one of "roles"|"dump"|"database"',
  ],
]

describe('FM102 a manifest', () => {
  test.each(UNUSABLE)('%s cannot be used, wherever all of it is read', async (_, change, problem) => {
    const said = `${problem}; expected a manifest of schema version 1`
    const volume = temporaryVolume()
    const path = putArchive(volume, PATH, { manifest: JSON.stringify({ ...whole, ...change }) })
    const before = readFileSync(`${path}.json`, 'utf8')
    const input = { backupDir: volume, entry: { path, stem: 'wallet-db-tob' }, runId: 'run', clock: systemClock }
    const at = '2026-11-20T02:00:00Z'
    const verification = { at, from: 'volume', verdict: 'proved', durationSeconds: 1, reasons: [] } as const

    expect(await lookAtManifest(path, contentProblem)).toBe(said)
    await expect(readManifest(path, contentProblem)).rejects.toThrow(said)
    const recording = recordVerification({ ...input, contentProblem }, verification, new AbortController().signal)
    await expect(recording).rejects.toThrow(said)
    expect(readFileSync(`${path}.json`, 'utf8')).toBe(before)
  })

  test('of a kind that this version does not know cannot be used, listings and retention among others', () => {
    const text = JSON.stringify({ ...whole, kind: 'tapes', content: {} })
    const said = 'kind of source "tapes"; expected one that this version knows: postgres'

    expect(parseManifest(text)).toBe(said)
    expect(readManifestHead(text, whole.archive)).toBe(said)
  })

  test.each([{}, { kind: 'postgres' as const }])('of PostgreSQL can be used: %j', async more => {
    expect(await contentProblem({ ...whole, ...more })).toBeNull()
  })

  test('is written again with its fields in the order in which they stood', async () => {
    const volume = temporaryVolume()
    const path = putArchive(volume, PATH, { manifest: { ...whole, later: 1 } as object })

    const read = await readManifest(path, contentProblem)

    expect(JSON.stringify(read)).toBe(readFileSync(`${path}.json`, 'utf8'))
  })
})

describe('the facts in a manifest', () => {
  test.each([
    [
      'a privilege that is none',
      { acl: [{ grantee: 'x', privileges: ['CREATE ON DATABASE a TO b; --'], grantable: [] }] },
    ],
    ['one to grant on', { acl: [{ grantee: 'x', privileges: ['CREATE'], grantable: ['ALL'] }] }],
    ['an owner with a zero byte', { owner: 'a\0b' }],
    ['a value with a zero byte', { settings: [{ role: null, name: 'work_mem', value: 'a\0' }] }],
    ['a limit that is text', { connectionLimit: '1; DROP ROLE x' }],
  ])('FM95 %s makes it one that is not used', async (_, change) => {
    const text = JSON.stringify({ ...whole, database: { ...whole.database, ...change } })

    const problem = await contentProblem(parseManifest(text) as Manifest)

    expect(problem).toMatch(/^field "database\./)
  })
})
