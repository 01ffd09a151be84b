import { randomUUID } from 'node:crypto'
import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import type { Omitted } from '../connection/server-messages.ts'
import type { DatabaseFacts, Unreadable } from '../database/database-facts.ts'
import { readKept } from '../swap/kept-databases.ts'
import * as queries from './inspect-queries.ts'
import { type NeverDumped, readNeverDumped } from './never-dumped.ts'
import { type DatabaseRecord, readDatabase } from './read-database.ts'

const STANDBY_NOTE =
  'the server is a standby: a dump that reads for longer than max_standby_streaming_delay may be cancelled there; the primary has no such limit'

/**
 * Looks at a database in one session. Throws OperatorError: `server` for a pooler, because a dump
 * needs one session of its own from its first to its last statement. What this role can't read is in the facts; see
 * `assertReadable`.
 */
export async function inspectDatabase(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<DatabaseFacts> {
  const marker = randomUUID()
  const parameters = { ...options.parameters, [queries.MARKER]: marker }
  await using connection = await connect(target, { ...options, parameters }, signal)
  const [session] = await connection.query<queries.SessionRow>(queries.session)
  if (session === undefined) throw new Error('a SELECT without FROM gave no row')
  refusePooler(target, connection, { reached: session.marker === marker, backend: session.backend })
  const record = await readDatabase(connection, session.database)
  if (record === null)
    throw new OperatorError('server', `${targetName(target)}: the database is not in its own catalog; expected one row`)
  const hidden = session.superuser === 'on' ? NOTHING_HIDDEN : await readHidden(connection)
  const never = await readNeverDumped(connection)
  const kept = await readKept(connection, session.database)
  return factsOf(target, { session, record, contents: await readContents(connection), hidden, never, kept })
}

interface Contents {
  readonly hasPublic: boolean
  readonly tables: number
  readonly settingNames: ReadonlySet<string>
  readonly extensions: DatabaseFacts['database']['extensions']
  readonly tablespaces: readonly string[]
}

interface Named {
  readonly name: string
}

async function readContents(connection: Connection): Promise<Contents> {
  const [tables] = await connection.query<{ count: string }>(queries.tables)
  const settings = await connection.query<Named>(queries.settingNames)
  const extensions = await connection.query<DatabaseFacts['database']['extensions'][number]>(queries.extensions)
  const tablespaces = await connection.query<Named>(queries.tablespaces)
  const hasPublic = (await connection.query(queries.publicSchema)).length > 0
  return {
    hasPublic,
    tables: Number(tables?.count ?? 0),
    settingNames: new Set(settings.map(({ name }) => name)),
    extensions: extensions.map(({ name, version }) => ({ name, version })),
    tablespaces: tablespaces.map(({ name }) => name),
  }
}

/** What only some may see or read. */
interface Hidden {
  readonly unreadable: readonly Unreadable[]
  readonly omitted: readonly Omitted[]
}

const NOTHING_HIDDEN: Hidden = { unreadable: [], omitted: [] }

async function readHidden(connection: Connection): Promise<Hidden> {
  const subscriptions = await connection.query<Named>(queries.subscriptions)
  const mappings = await connection.query<queries.MappingRow>(queries.hiddenMappings)
  const objects = await connection.query<queries.UnreadableRow>(queries.unreadable)
  const largeObjects = await connection.query<{ name: number }>(queries.unreadableLargeObjects)
  return {
    unreadable: [
      ...objects.map(({ kind, schema, name, reason }) => ({
        kind,
        name: schema === null ? name : `${schema}.${name}`,
        reason,
      })),
      ...largeObjects.map(({ name }) => ({ kind: 'large object' as const, name: String(name), reason: 'no SELECT' })),
    ].slice(0, MOST_NAMED),
    omitted: [...subscriptions.map(omittedSubscription), ...mappings.map(omittedMapping)],
  }
}

/** More are counted by nobody. */
const MOST_NAMED = 1_000

/** The size of a database in bytes, for a listing; set short timeouts in the options. Throws OperatorError. */
export async function databaseSize(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<number> {
  await using connection = await connect(target, options, signal)
  const rows = await connection.query<{ size: string }>(
    'SELECT pg_catalog.pg_database_size(d.oid) AS size FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()',
  )
  return Number(rows[0]?.size)
}

/** Throws OperatorError('rights') that names what pg_dump would fail on, or would dump in part only. */
export function assertReadable(facts: DatabaseFacts): void {
  const [first] = facts.unreadable
  if (first === undefined) return
  const named = facts.unreadable.slice(0, 5).map(item => `${item.kind} ${item.name} (${item.reason})`)
  const more = facts.unreadable.length > 5 ? ` and ${facts.unreadable.length - 5} more` : ''
  const place = targetName({ host: facts.database.host, port: facts.database.port, database: facts.database.name })
  const message = `${place}: role ${facts.role.name} can't read ${named.join(', ')}${more}; expected to read everything`
  throw new OperatorError('rights', message, {
    hint: readingHint(facts.unreadable),
    sqlstate: '42501',
    object: first.name,
  })
}

function readingHint(items: readonly Unreadable[]): string {
  const hasPolicy = items.some(item => item.reason.startsWith('row security'))
  return hasPolicy
    ? 'back up as the owner of these tables, or as a role with BYPASSRLS'
    : 'GRANT what is missing (pg_read_all_data grants it for tables and sequences), or back up as the owner'
}

function refusePooler(
  target: DatabaseTarget,
  connection: Connection,
  session: { reached: boolean; backend: number },
): void {
  if (session.reached && (connection.processId === null || connection.processId === session.backend)) return
  const found = session.reached
    ? 'the session belongs to another process than the one that answered'
    : 'our session settings did not arrive'
  throw new OperatorError(
    'server',
    `${targetName(target)}: ${found}, so a connection pooler stands between; expected a direct connection`,
    {
      hint: 'name the database server itself in backup.conf instead of the pooler (PgBouncer and the like)',
    },
  )
}

interface Answers {
  readonly session: queries.SessionRow
  readonly record: DatabaseRecord
  readonly contents: Contents
  readonly hidden: Hidden
  readonly never: NeverDumped
  readonly kept: DatabaseFacts['kept']
}

function factsOf(target: DatabaseTarget, { session, record, contents, hidden, never, kept }: Answers): DatabaseFacts {
  return {
    database: {
      host: target.host,
      port: target.port,
      name: target.database,
      ...record,
      ...(contents.hasPublic ? {} : { withoutPublic: true }),
      tablespaces: contents.tablespaces.filter(name => name !== 'pg_default' && name !== 'pg_global'),
      extensions: contents.extensions,
    },
    server: {
      version: session.version.replace(/ .*/s, ''),
      major: Math.floor(Number(session.major) / 10_000),
      isInRecovery: session.in_recovery,
      settingNames: contents.settingNames,
    },
    role: { name: session.role, isSuperuser: session.superuser === 'on' },
    tables: contents.tables,
    unreadable: hidden.unreadable,
    omitted: [...hidden.omitted, ...never.omitted],
    notes: [...(session.in_recovery ? [STANDBY_NOTE] : []), ...never.notes],
    kept,
  }
}

function omittedSubscription({ name }: Named): Omitted {
  const text = `subscription ${name} is not in the dump: only a superuser may read it`
  return { kind: 'subscription', name, sqlstate: '42501', text }
}

function omittedMapping({ user, server }: queries.MappingRow): Omitted {
  const name = `${user} on ${server}`
  return {
    kind: 'user mapping',
    name,
    sqlstate: '42501',
    text: `options of the user mapping of ${name} are not in the dump: only its user, the owner of the server and superusers may read them`,
  }
}
