import type { Connection } from '../connection.ts'
import { lockHolders } from '../made/lock-holders.ts'
import { type MadeThing, readMade } from '../made/made-things.ts'
import type { MeasuredName } from './companion-names.ts'
import { type SessionGroup, sessionsOf } from './sessions.ts'

/** What a server says about a restore into one of its databases, asked in a session on another of its databases. */
export interface Survey {
  readonly admin: {
    readonly name: string
    readonly isSuperuser: boolean
    readonly canCreateDatabases: boolean
    readonly canCreateRoles: boolean
  }
  /** Every database of the server. */
  readonly databases: ReadonlySet<string>
  readonly roles: ReadonlySet<string>
  /** Those of `roles` whose rights the admin has, himself included. */
  readonly memberOf: ReadonlySet<string>
  readonly base: MeasuredName
  /** What restores into whichever database have made and marked. */
  readonly made: readonly SurveyedThing[]
  /** Another run that restores into this database now, for a person; null where there is none. */
  readonly lockedBy: string | null
  /** The extensions that can be made, with the version that a CREATE EXTENSION gives. */
  readonly extensions: ReadonlyMap<string, string>
  /** What a new database has that asks for nothing. */
  readonly template: {
    readonly encoding: string
    readonly collate: string | null
    readonly ctype: string | null
    readonly localeProvider: string | null
    readonly icuLocale: string | null
  }
  /** Null where the server has no database of that name. */
  readonly live: LiveState | null
}

export type SurveyedThing = MadeThing & {
  /** Another run than this one restores into its target now, so that it may be that run's. */
  readonly mayLive: boolean
}

export interface LiveState {
  readonly oid: number
  readonly owner: string
  /** Where its files are, as far as the admin may put another database there; null is the server's default. */
  readonly tablespace: string | null
  readonly sessions: readonly SessionGroup[]
  readonly preparedTransactions: number
  readonly logicalSlots: readonly string[]
  readonly subscriptions: readonly { readonly name: string; readonly enabled: boolean }[]
}

interface GeneralRow {
  readonly name: string
  readonly superuser: boolean
  readonly createdb: boolean
  readonly createrole: boolean
  readonly databases: readonly string[]
  readonly roles: readonly { readonly name: string; readonly member: boolean }[]
  readonly bytes: readonly number[]
  readonly extensions: readonly { readonly name: string; readonly version: string }[]
  readonly encoding: string
  readonly template: Readonly<Record<string, unknown>>
}

/** Columns that only some versions have are read from JSON. */
const GENERAL = `
SELECT r.rolname::text AS name, r.rolsuper AS superuser, r.rolsuper OR r.rolcreatedb AS createdb,
       r.rolsuper OR r.rolcreaterole AS createrole,
       ARRAY(SELECT datname::text FROM pg_catalog.pg_database) AS databases,
       (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', o.rolname, 'member', pg_catalog.pg_has_role(o.oid, 'USAGE')))
        FROM pg_catalog.pg_roles o) AS roles,
       (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', e.name, 'version', e.default_version)), '[]')
        FROM pg_catalog.pg_available_extensions e) AS extensions,
       ARRAY(SELECT pg_catalog.octet_length(c) FROM pg_catalog.regexp_split_to_table($1, '') WITH ORDINALITY s(c, place) ORDER BY place) AS bytes,
       pg_catalog.pg_encoding_to_char(t.encoding)::text AS encoding, pg_catalog.to_jsonb(t) AS template
FROM pg_catalog.pg_roles r, pg_catalog.pg_database t
WHERE r.rolname = current_user AND t.datname = 'template0'`

const LIVE = `
SELECT d.oid::text, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
       (SELECT t.spcname::text FROM pg_catalog.pg_tablespace t WHERE t.oid = d.dattablespace AND t.spcname <> 'pg_default'
        AND pg_catalog.has_tablespace_privilege(t.oid, 'CREATE')) AS tablespace,
       (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_prepared_xacts p WHERE p.database = d.datname) AS prepared,
       ARRAY(SELECT s.slot_name::text FROM pg_catalog.pg_replication_slots s WHERE s.database = d.datname ORDER BY 1) AS slots,
       (SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', u.subname, 'enabled', u.subenabled) ORDER BY u.subname), '[]')
        FROM pg_catalog.pg_subscription u WHERE u.subdbid = d.oid) AS subscriptions
FROM pg_catalog.pg_database d WHERE d.datname = $1`

interface LiveRow {
  readonly oid: string
  readonly owner: string
  readonly tablespace: string | null
  readonly prepared: number
  readonly slots: readonly string[]
  readonly subscriptions: LiveState['subscriptions']
}

export interface SurveyInput {
  /** The database that a restore is to replace or make. */
  readonly database: string
  /** Whether this run holds its lock. */
  readonly isLocked: boolean
}

/** Looks at the server around the target of a restore. Rejects with an OperatorError. */
export async function surveyServer(connection: Connection, input: SurveyInput): Promise<Survey> {
  const { database } = input
  const [general] = await connection.query<GeneralRow>(GENERAL, [database])
  if (general === undefined) throw new Error('the server has no template0, or we have no role')
  return {
    admin: {
      name: general.name,
      isSuperuser: general.superuser,
      canCreateDatabases: general.createdb,
      canCreateRoles: general.createrole,
    },
    databases: new Set(general.databases),
    roles: new Set(general.roles.map(role => role.name)),
    memberOf: new Set(general.roles.filter(role => role.member).map(role => role.name)),
    base: { name: database, characterBytes: general.bytes },
    extensions: new Map(general.extensions.map(({ name, version }) => [name, version])),
    template: templateOf(general),
    made: await surveyMade(connection, input),
    lockedBy: await otherHolder(connection, database, input),
    live: await surveyLive(connection, database),
  }
}

async function surveyMade(connection: Connection, input: SurveyInput): Promise<readonly SurveyedThing[]> {
  const things: SurveyedThing[] = []
  for (const thing of await readMade(connection, input.database)) {
    const target = thing.marker?.target ?? input.database
    things.push({ ...thing, mayLive: (await otherHolder(connection, target, input)) !== null })
  }
  return things
}

async function otherHolder(
  connection: Connection,
  target: string,
  { database, isLocked }: SurveyInput,
): Promise<string | null> {
  if (isLocked && target === database) return null
  const [holder] = await lockHolders(connection, target)
  return holder?.text ?? null
}

async function surveyLive(connection: Connection, database: string): Promise<LiveState | null> {
  const [row] = await connection.query<LiveRow>(LIVE, [database])
  if (row === undefined) return null
  const oid = Number(row.oid)
  return {
    oid,
    owner: row.owner,
    tablespace: row.tablespace,
    sessions: await sessionsOf(connection, [oid]),
    preparedTransactions: row.prepared,
    logicalSlots: row.slots,
    subscriptions: row.subscriptions,
  }
}

const PROVIDERS: Readonly<Record<string, string>> = { c: 'libc', i: 'icu', b: 'builtin' }

function templateOf({ encoding, template }: GeneralRow): Survey['template'] {
  const text = (name: string): string | null => (typeof template[name] === 'string' ? template[name] : null)
  return {
    encoding,
    collate: text('datcollate'),
    ctype: text('datctype'),
    localeProvider: PROVIDERS[text('datlocprovider') ?? 'c'] ?? 'libc',
    icuLocale: text('datlocale') ?? text('daticulocale'),
  }
}
