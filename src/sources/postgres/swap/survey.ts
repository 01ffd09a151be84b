import type { Connection } from '../connection/connection.ts'
import { readShape } from '../inspect/read-database.ts'
import { lockHolders } from '../made/lock-holders.ts'
import { type MadeThing, readMade } from '../made/made-things.ts'
import type { MeasuredName } from './companion-names.ts'
import { measureName } from './measured-name.ts'
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
  /** The libraries that the server has preloaded; null where the admin may not know. */
  readonly preloaded: ReadonlySet<string> | null
  /** The one database in which pg_cron can be made; null where it is not preloaded. */
  readonly cronDatabase: string | null
  /** What a new database has that asks for nothing. */
  readonly template: {
    readonly encoding: string
    readonly collate: string | null
    readonly ctype: string | null
    readonly localeProvider: string | null
    readonly icuLocale: string | null
    readonly icuRules?: string
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

/** Asked of the database that all else is asked in, one that the restore does not touch; see `inspect-queries.ts`. */
const ADMIN = `
SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolcreatedb AS createdb, r.rolcreaterole AS createrole
FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`

interface AdminRow {
  readonly name: string
  readonly superuser: boolean
  readonly createdb: boolean
  readonly createrole: boolean
}

const ROLES = "SELECT o.rolname AS name, pg_catalog.pg_has_role(o.oid, 'USAGE') AS member FROM pg_catalog.pg_roles o"

const EXTENSIONS = 'SELECT e.name, e.default_version AS version FROM pg_catalog.pg_available_extensions e'

const PRELOADED =
  "SELECT s.name, s.setting FROM pg_catalog.pg_settings s WHERE s.name IN ('shared_preload_libraries', 'cron.database_name')"

const LIVE = `
SELECT d.oid, pg_catalog.pg_get_userbyid(d.datdba) AS owner,
       (SELECT t.spcname FROM pg_catalog.pg_tablespace t WHERE t.oid = d.dattablespace AND t.spcname <> 'pg_default'
        AND pg_catalog.has_tablespace_privilege(t.oid, 'CREATE')) AS tablespace
FROM pg_catalog.pg_database d WHERE d.datname = $1`

interface LiveRow {
  readonly oid: number
  readonly owner: string
  readonly tablespace: string | null
}

const PREPARED = 'SELECT FROM pg_catalog.pg_prepared_xacts p WHERE p.database = $1'

const SLOTS = `
SELECT s.slot_name AS name FROM pg_catalog.pg_replication_slots s WHERE s.database = $1 ORDER BY s.slot_name`

const SUBSCRIPTIONS = `
SELECT u.subname AS name, u.subenabled AS enabled FROM pg_catalog.pg_subscription u WHERE u.subdbid = $1 ORDER BY u.subname`

interface Named {
  readonly name: string
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
  const [admin] = await connection.query<AdminRow>(ADMIN)
  const template = await readShape(connection, 'template0')
  if (admin === undefined || template === null) throw new Error('the server has no template0, or we have no role')
  const databases = await connection.query<Named>('SELECT d.datname AS name FROM pg_catalog.pg_database d')
  const roles = await connection.query<Named & { readonly member: boolean }>(ROLES)
  const extensions = await connection.query<Named & { readonly version: string }>(EXTENSIONS)
  return {
    admin: {
      name: admin.name,
      isSuperuser: admin.superuser,
      canCreateDatabases: admin.superuser || admin.createdb,
      canCreateRoles: admin.superuser || admin.createrole,
    },
    databases: new Set(databases.map(({ name }) => name)),
    roles: new Set(roles.map(({ name }) => name)),
    memberOf: new Set(roles.filter(role => role.member).map(({ name }) => name)),
    base: await measureName(connection, database),
    extensions: new Map(extensions.map(({ name, version }) => [name, version])),
    ...(await surveyPreloaded(connection)),
    template,
    made: await surveyMade(connection, input),
    lockedBy: await otherHolder(connection, database, input),
    live: await surveyLive(connection, database),
  }
}

async function surveyPreloaded(connection: Connection): Promise<Pick<Survey, 'preloaded' | 'cronDatabase'>> {
  const rows = await connection.query<Named & { readonly setting: string }>(PRELOADED)
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  const libraries = settings.get('shared_preload_libraries')
  const names = (libraries ?? '')
    .split(',')
    .map(name => name.trim().replaceAll('"', '').replace(/^.*\//, '').replace(/\.so$/, ''))
  return {
    preloaded: libraries === undefined ? null : new Set(names),
    cronDatabase: settings.get('cron.database_name') ?? null,
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
  const slots = await connection.query<Named>(SLOTS, [database])
  const subscriptions = await connection.query<LiveState['subscriptions'][number]>(SUBSCRIPTIONS, [row.oid])
  return {
    ...row,
    sessions: await sessionsOf(connection, [row.oid]),
    preparedTransactions: (await connection.query(PREPARED, [database])).length,
    logicalSlots: slots.map(({ name }) => name),
    subscriptions,
  }
}
