import { randomUUID } from 'node:crypto'
import { type DatabaseTarget, targetName } from '../config/database-target.ts'
import { OperatorError } from '../errors.ts'
import { aclItems } from './acl-items.ts'
import { type Connection, type ConnectOptions, connect } from './connection.ts'
import type { DatabaseFacts, RecordedDatabase, Unreadable } from './database-facts.ts'
import {
  type ContentsRow,
  contents,
  MARKER,
  type OverviewRow,
  overview,
  type UnreadableRow,
  unreadable,
} from './inspect-queries.ts'
import type { Omitted } from './server-messages.ts'

const STANDBY_NOTE =
  'the server is a standby: a dump that reads for longer than max_standby_streaming_delay may be cancelled there; the primary has no such limit'

/**
 * Looks at a database in one session and three queries. Throws OperatorError: `server` for a pooler, because a dump
 * needs one session of its own from its first to its last statement. What this role can't read is in the facts; see
 * `assertReadable`.
 */
export async function inspectDatabase(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<DatabaseFacts> {
  const marker = randomUUID()
  const parameters = { ...options.parameters, [MARKER]: marker }
  await using connection = await connect(target, { ...options, parameters }, signal)
  const [first] = await connection.query<OverviewRow>(overview)
  if (first === undefined)
    throw new OperatorError('server', `${targetName(target)}: the database is not in its own catalog; expected one row`)
  refusePooler(target, connection, { reached: first.marker === marker, backend: first.backend })
  const [second] = await connection.query<ContentsRow>(contents)
  const hidden = first.superuser ? [] : await connection.query<UnreadableRow>(unreadable)
  return factsOf(target, { overview: first, contents: second, unreadable: hidden })
}

/** The size of a database in bytes, for a listing; set short timeouts in the options. Throws OperatorError. */
export async function databaseSize(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<number> {
  await using connection = await connect(target, options, signal)
  const rows = await connection.query<{ size: string }>(
    'SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::text AS size',
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
  readonly overview: OverviewRow
  readonly contents: ContentsRow | undefined
  readonly unreadable: readonly UnreadableRow[]
}

function factsOf(target: DatabaseTarget, answers: Answers): DatabaseFacts {
  const { overview: row } = answers
  return {
    database: recorded(target, answers),
    server: {
      version: row.version.replace(/ .*/s, ''),
      major: Math.floor(Number(row.major) / 10_000),
      isInRecovery: row.in_recovery,
      settingNames: new Set(answers.contents?.setting_names),
    },
    role: { name: row.role, isSuperuser: row.superuser },
    tables: Number(answers.contents?.tables ?? 0),
    unreadable: answers.unreadable,
    omitted: row.superuser ? [] : omittedFor(answers.contents),
    notes: row.in_recovery ? [STANDBY_NOTE] : [],
  }
}

function recorded(target: DatabaseTarget, answers: Answers): RecordedDatabase {
  const { overview: row } = answers
  const text = (name: string): string | null => (typeof row.row[name] === 'string' ? row.row[name] : null)
  return {
    host: target.host,
    port: target.port,
    name: target.database,
    owner: row.owner,
    encoding: row.encoding,
    collate: text('datcollate') ?? '',
    ctype: text('datctype') ?? '',
    localeProvider: PROVIDERS[text('datlocprovider') ?? 'c'] ?? 'libc',
    icuLocale: text('datlocale') ?? text('daticulocale'),
    settings: row.settings.map(({ role, entry }) => ({ role, ...splitSetting(entry) })),
    acl: aclItems(row.acl, row.owner),
    comment: row.comment,
    connectionLimit: Number(row.row.datconnlimit),
    tablespaces: (answers.contents?.tablespaces ?? []).filter(name => name !== 'pg_default' && name !== 'pg_global'),
    extensions: answers.contents?.extensions ?? [],
    sizeBytes: Number(row.size),
  }
}

const PROVIDERS: Readonly<Record<string, string>> = { c: 'libc', i: 'icu', b: 'builtin' }

/** An entry of pg_db_role_setting is `name=value`; a name holds no `=`. */
function splitSetting(entry: string): { readonly name: string; readonly value: string } {
  const at = entry.indexOf('=')
  return { name: entry.slice(0, at), value: entry.slice(at + 1) }
}

function omittedFor(row: ContentsRow | undefined): Omitted[] {
  const subscriptions = (row?.subscriptions ?? []).map(name => ({
    kind: 'subscription',
    name,
    sqlstate: '42501',
    text: `subscription ${name} is not in the dump: only a superuser may read it`,
  }))
  const mappings = (row?.hidden_mappings ?? []).map(name => ({
    kind: 'user mapping',
    name,
    sqlstate: '42501',
    text: `options of the user mapping of ${name} are not in the dump: only its user, the owner of the server and superusers may read them`,
  }))
  return [...subscriptions, ...mappings]
}
