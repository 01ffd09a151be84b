import { describe, expect, test } from 'vitest'
import { type PreflightInput, preflightOf } from '../../../../src/sources/postgres/restore/preflight.ts'
import type { LiveState, Survey } from '../../../../src/sources/postgres/swap/survey.ts'
import { manifestOf } from '../../../support/volume.ts'

interface Given {
  readonly live?: Partial<LiveState> | null
  readonly admin?: Partial<Survey['admin']>
  readonly survey?: Partial<Survey>
  readonly server?: Partial<PreflightInput['state']['server']>
  readonly input?: Partial<PreflightInput>
}

function preflight(given: Given = {}) {
  const live: LiveState = {
    oid: 16_400,
    owner: 'app_owner',
    tablespace: null,
    sessions: [],
    preparedTransactions: 0,
    logicalSlots: [],
    subscriptions: [],
    ...given.live,
  }
  const survey: Survey = {
    admin: { name: 'postgres', isSuperuser: true, canCreateDatabases: true, canCreateRoles: true, ...given.admin },
    databases: new Set(['postgres', 'app']),
    roles: new Set(['postgres', 'app_owner', 'tob_app']),
    memberOf: new Set(['postgres', 'app_owner', 'tob_app']),
    base: { name: 'app', characterBytes: [1, 1, 1] },
    made: [],
    lockedBy: null,
    extensions: new Map([['citext', '1.6']]),
    ...{ preloaded: new Set<string>(), cronDatabase: null },
    template: { encoding: 'UTF8', collate: 'C', ctype: 'C', localeProvider: 'libc', icuLocale: null },
    live: given.live === null ? null : live,
    ...given.survey,
  }
  const connect = { env: {}, applicationName: 'test' }
  const server = { version: '15.18', major: 15, isInRecovery: false, settingNames: new Set<string>(), ...given.server }
  const maintenance = { host: 'db', port: 5432, database: 'postgres' } as PreflightInput['state']['maintenance']
  const { blocks, warnings } = preflightOf({
    state: { maintenance, server, survey, live: null, connect, loadConnect: connect },
    manifest: manifestOf('db-app_2026-11-20_01-00-00.sql.gz'),
    owner: 'app_owner',
    inPlace: false,
    unproved: false,
    from: 'volume',
    withSuperuserObjects: false,
    ignoreErrors: false,
    roles: { made: [] },
    memory: null,
    ...given.input,
  })
  return { blocks: blocks.map(block => block.text), warnings: warnings.map(warning => warning.text) }
}

describe('what stands in the way of a restore', () => {
  const archived = (...names: readonly string[]) => {
    const manifest = manifestOf('db-app_2026-11-20_01-00-00.sql.gz')
    const extensions = names.map(name => ({ name, version: '1' }))
    return { input: { manifest: { ...manifest, database: { ...manifest.database, extensions } } } }
  }
  const offered = new Map(['pg_cron', 'pgaudit', 'pg_stat_statements'].map(name => [name, '1']))

  test('FM177 an extension whose library the server does not preload', () => {
    const { blocks } = preflight({ ...archived('pgaudit', 'pg_stat_statements'), survey: { extensions: offered } })

    expect(blocks).toEqual([
      'extension pgaudit is only made where the server preloads its library: add pgaudit to shared_preload_libraries there, and restart it',
    ])
  })

  test('FM177 not one of which nobody may know whether it is preloaded', () => {
    const { blocks } = preflight({ ...archived('pgaudit'), survey: { extensions: offered, preloaded: null } })

    expect(blocks).toEqual([])
  })

  test('FM177 TimescaleDB of another version, which does not understand the rows of its catalog', () => {
    const preloaded = new Set(['timescaledb'])
    const here = (version: string) => ({ extensions: new Map([['timescaledb', version]]), preloaded })

    expect(preflight({ ...archived('timescaledb'), survey: here('1') }).blocks).toEqual([])
    expect(preflight({ ...archived('timescaledb'), survey: here('2') }).blocks).toEqual([
      expect.stringMatching(/^extension timescaledb was of version 1, and the server makes version 2: install 1 there/),
    ])
  })

  test('FM177 pg_cron, which is made in one database only; with -I it is a warning', () => {
    const preloaded = new Set(['pg_cron'])
    const given = { ...archived('pg_cron'), survey: { extensions: offered, preloaded, cronDatabase: 'app' } }

    expect(preflight(given).blocks).toEqual([expect.stringMatching(/^extension pg_cron can be made in database app /)])
    const ignoring = preflight({ ...given, input: { ...given.input, ignoreErrors: true } })
    expect(ignoring.blocks).toEqual([])
    expect(ignoring.warnings).toContainEqual(expect.stringMatching(/^extension pg_cron can be made in database app /))
  })

  test('FM115 a row that the comparison has no memory for, unless errors are ignored', () => {
    const manifest = manifestOf('db-app_2026-11-20_01-00-00.sql.gz')
    const table = { name: 'public.file', columns: ['n'], rows: 1, sha256: '', longestRow: 200_000_000 }
    const long = { ...manifest, fingerprint: { ...manifest.fingerprint, tables: [table] } }
    const memory = { bytes: 512 * 2 ** 20, of: 'the limit of this container' } as const

    const { blocks } = preflight({ input: { manifest: long, memory } })
    const ignored = preflight({ input: { manifest: long, memory, ignoreErrors: true } })

    expect(blocks).toEqual([
      'public.file: needs about 768 MB of memory, since its longest row has 200 MB; 537 MB is the limit of this container: give the container more',
    ])
    expect(ignored.blocks).toEqual([])
    expect(ignored.warnings).toContain(blocks[0])
    expect(preflight({ input: { manifest: long, memory: null } }).blocks).toEqual([])
  })

  test('nothing, for a superuser and a database on which sessions can be ended', () => {
    const session = { user: 'app', application: 'web', count: 12, canBeEnded: true }

    expect(preflight({ live: { sessions: [session] } }).blocks).toEqual([])
  })

  test('FM65 sessions that this admin may not end are named', () => {
    const session = { user: 'postgres', application: 'psql', count: 2, canBeEnded: false }

    const { blocks } = preflight({ admin: { name: 'chief', isSuperuser: false }, live: { sessions: [session] } })

    expect(blocks).toEqual(['chief may not end 2 sessions of postgres: end them, or name a superuser'])
  })

  test('FM68 prepared transactions, logical slots and enabled subscriptions are named, each with what to do', () => {
    const { blocks } = preflight({
      live: { preparedTransactions: 1, logicalSlots: ['cdc'], subscriptions: [{ name: 'feed', enabled: true }] },
    })

    expect(blocks).toHaveLength(3)
    expect(blocks[0]).toContain('ROLLBACK PREPARED')
    expect(blocks[1]).toContain('cdc')
    expect(blocks[2]).toContain('feed')
  })

  test('a subscription that is disabled only stays behind', () => {
    const { blocks, warnings } = preflight({ live: { subscriptions: [{ name: 'feed', enabled: false }] } })

    expect(blocks).toEqual([])
    expect(warnings).toContain('subscription feed stays with the old database')
  })

  test('a subscription, enabled or not, where the database is to be dropped', () => {
    const live = { subscriptions: [{ name: 'feed', enabled: false }] }

    expect(preflight({ live, input: { inPlace: true } }).blocks.join()).toContain('DROP SUBSCRIPTION feed first')
  })

  test('FM76 a role that may not create databases, or is no member of the owner', () => {
    const { blocks } = preflight({
      admin: { name: 'chief', isSuperuser: false, canCreateDatabases: false },
      survey: { memberOf: new Set(['chief']) },
    })

    expect(blocks[0]).toContain('chief may not create databases')
    expect(blocks[1]).toContain('chief is no member of app_owner')
  })

  test('FM10 a standby', () => {
    expect(preflight({ server: { isInRecovery: true } }).blocks[0]).toContain('standby')
  })

  test('FM97 another run that restores into it', () => {
    expect(preflight({ survey: { lockedBy: 'run run-1' } }).blocks).toEqual([
      'run run-1 restores into it at this moment',
    ])
  })

  test('FM62 an extension that the server has not, unless errors are to be ignored', () => {
    const survey = { extensions: new Map<string, string>() }
    const text = 'extension citext is not installed on the server (PostgreSQL 15): install its package there'

    expect(preflight({ survey }).blocks).toEqual([text])
    expect(preflight({ survey, input: { ignoreErrors: true } }).blocks).toEqual([])
    expect(preflight({ survey, input: { ignoreErrors: true } }).warnings).toContain(text)
  })

  test('FM61 a locale provider that the server does not know', () => {
    const manifest = manifestOf('db-app_2026-11-20_01-00-00.sql.gz')
    const database = { ...manifest.database, localeProvider: 'builtin', icuLocale: 'C.UTF-8' }

    expect(preflight({ input: { manifest: { ...manifest, database } } }).blocks.join()).toContain(
      'no locale provider builtin',
    )
  })

  test('FM180 ICU rules that the server does not know', () => {
    const manifest = manifestOf('db-app_2026-11-20_01-00-00.sql.gz')
    const database = { ...manifest.database, localeProvider: 'icu', icuLocale: 'und', icuRules: '& a < b' }

    expect(preflight({ input: { manifest: { ...manifest, database } } }).blocks.join()).toContain(
      'PostgreSQL 15 has no ICU rules for a database',
    )
  })

  test('FM62 another version of an extension is told', () => {
    const { blocks, warnings } = preflight({ survey: { extensions: new Map([['citext', '1.5']]) } })

    expect(blocks).toEqual([])
    expect(warnings).toContain('extension citext was of version 1.6 and will be of version 1.5')
  })

  test('FM122 nothing of a version that nobody knows, as of an adopted archive', () => {
    const manifest = manifestOf('db-app_2026-11-20_01-00-00.sql.gz')
    const database = { ...manifest.database, extensions: [{ name: 'citext', version: null }] }

    const { warnings } = preflight({ input: { manifest: { ...manifest, database } } })

    expect(warnings.filter(text => text.includes('citext'))).toEqual([])
  })
})

describe('what a person is told before a restore', () => {
  test('FM63 that an archive has no manifest, and what is checked instead', () => {
    expect(preflight({ input: { manifest: null } }).warnings.join('\n')).toContain('the archive has no manifest')
  })

  test('FM64 that the server is older or newer than the one of the archive', () => {
    expect(preflight({ server: { major: 14 } }).warnings.join('\n')).toContain(
      'from PostgreSQL 15 to 14: the server is older',
    )
    expect(preflight({ server: { major: 17 } }).warnings.join('\n')).toContain(
      'from PostgreSQL 15 to 17: the server is newer',
    )
    expect(preflight().warnings.join('\n')).not.toContain('from PostgreSQL')
  })

  test('FM85 what the archive is without', () => {
    const omitted = [
      { kind: 'subscription', name: 'feed', sqlstate: '42501', text: 'subscription feed is not in the dump' },
    ]
    const manifest = { ...manifestOf('db-app_2026-11-20_01-00-00.sql.gz'), omitted }

    expect(preflight({ input: { manifest } }).warnings).toContain('subscription feed is not in the dump')
  })

  test('which databases earlier restores left', () => {
    const databases = new Set(['app', 'app_before_20261101_010000', 'apple_before_20261101_010000'])

    const { warnings } = preflight({ survey: { databases } })

    expect(warnings.filter(text => text.includes('earlier restore'))).toEqual([
      'database app_before_20261101_010000 is left from an earlier restore; drop it when it is no longer needed',
    ])
  })

  test('FM68 which roles killed restores left', () => {
    const roles = new Set(['app_owner', 'backup_loader_0123'])

    const { warnings } = preflight({ survey: { roles } })

    expect(warnings.filter(text => text.includes('killed'))).toEqual([
      'role backup_loader_0123 is left from a restore that was killed, unless another one runs now: drop its database, then DROP ROLE "backup_loader_0123"',
    ])
  })

  test('FM98 what dead restores left, and whose it is to remove; nothing of what may live', () => {
    const marker = { state: 'loading', database: 'app_restore_20261101_010000', run: 'dead-1', at: '', by: '' } as const
    const role = { kind: 'role', oid: 1, mayLive: false } as const
    const made = [
      { ...role, name: 'backup_loader_01', marker: { ...marker, target: 'app' } },
      { ...role, name: 'backup_loader_02', marker: { ...marker, target: 'other' } },
      { ...role, name: 'backup_loader_03', marker: { ...marker, target: 'busy' }, mayLive: true },
    ]
    const roles = new Set(['app_owner', ...made.map(({ name }) => name)])

    const { warnings } = preflight({ survey: { made, roles } })

    expect(warnings.filter(text => text.includes('backup_loader_'))).toEqual([
      'role backup_loader_01 is left from a restore that died (run dead-1); it is removed first',
      'role backup_loader_02 is left from a restore that died (run dead-1); a restore of other removes it',
    ])
  })

  test('FM60 that the role who owns the database is missing, unless it is made', () => {
    const text = 'neither server nor archive has role ghost, who owns the database: app_owner owns it'
    const roles = { made: [{ name: 'ghost', attributes: [] }] }

    expect(preflight({ input: { owner: 'ghost' } }).warnings).toContain(text)
    expect(preflight({ input: { owner: 'ghost', roles } }).warnings).not.toContain(text)
  })
})
