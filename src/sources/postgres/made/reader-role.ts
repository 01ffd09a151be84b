import type { DatabaseTarget } from '../../../config/database-target.ts'
import { failureOf, failureText } from '../../../errors.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { createLoader, dropRole, type Loader, shutRole } from './loader-role.ts'
import type { Marker } from './marker.ts'

/** Who reads a loaded database back, to compare it. Disposing of it removes the role that was made for it. */
export interface Reader extends AsyncDisposable {
  /** False: it is the admin himself, for whom pg_dump leaves out nothing that could be read at all. */
  readonly isOurs: boolean
  /** For all its sessions. */
  readonly connect: ConnectOptions
  /** Access to a database of the server. */
  target(database: string): DatabaseTarget
  /**
   * Lets the reader into a database whose owner lets nobody in, until it is disposed of: its text may have taken that right
   * from everybody while it was loaded.
   */
  admit(database: string, signal: AbortSignal): Promise<AsyncDisposable>
}

export interface ReaderInput {
  /** The admin's access to a database that holds nothing of an archive. */
  readonly admin: DatabaseTarget
  readonly connect: ConnectOptions
  /** What says whose the role is; left out on a server that is thrown away with it. */
  readonly marker?: Marker
  /** Called with the statement that removes a role that could not be removed here. */
  onLeftBehind?(statement: string, reason: string): void
}

/** The first major with pg_read_all_data. */
const SINCE = 14

/**
 * Makes a role that may read everything on the server, write nothing (before 16 large objects) and become nobody else:
 * what an archive could have hidden behind a cast, an operator or a function that reading calls gains nothing by that. An admin who is no
 * superuser has loaded the archive himself and reads it himself. Before PostgreSQL 14 nobody but a superuser may read
 * everything without being made a member of every owner, superusers among them: there the admin reads, too.
 */
export async function openReader(input: ReaderInput, signal: AbortSignal): Promise<Reader> {
  await using admin = await connect(input.admin, input.connect, signal)
  const { major, isSuperuser } = await serverOf(admin)
  if (!isSuperuser || major < SINCE) return adminAsReader(input)
  const role = await createLoader(admin, input.marker ?? null)
  try {
    await admin.query(readingRights(role.name, major))
  } catch (error) {
    await dropRole(admin, role.oid).catch(() => {})
    throw error
  }
  return readerOf(input, role)
}

/**
 * No membership in an owner: a superuser owns much of a restore target, and a member could become him. What only
 * superusers may set is set for the role, and so before its sessions run anything: large objects are read whosoever they
 * are, and no event trigger runs, not even one on logins.
 */
function readingRights(name: string, major: number): string {
  const role = quoteIdentifier(name)
  const settings = ['default_transaction_read_only = on', 'lo_compat_privileges = on']
  if (major >= 17) settings.push('event_triggers = off')
  return [
    `ALTER ROLE ${role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT BYPASSRLS`,
    `GRANT pg_read_all_data TO ${role}`,
    ...settings.map(setting => `ALTER ROLE ${role} SET ${setting}`),
  ].join('; ')
}

const NOTHING_TO_TAKE_BACK: AsyncDisposable = { async [Symbol.asyncDispose]() {} }

function adminAsReader({ admin, connect: options }: ReaderInput): Reader {
  return {
    isOurs: false,
    connect: options,
    target: database => ({ ...admin, database }),
    admit: async () => NOTHING_TO_TAKE_BACK,
    async [Symbol.asyncDispose]() {},
  }
}

function readerOf(input: ReaderInput, role: Loader): Reader {
  return {
    isOurs: true,
    connect: { ...input.connect, parameters: forAnybody(input.connect.parameters) },
    target: database => ({ ...input.admin, database, user: role.name, password: role.password }),
    admit: (database, signal) => admit(input, { database, name: role.name }, signal),
    [Symbol.asyncDispose]: () => remove(input, role),
  }
}

/** A session that asks for what only superusers may set is refused. */
function forAnybody(parameters: ConnectOptions['parameters'] = {}): Readonly<Record<string, string>> {
  const { event_triggers: _ofSuperusers, ...others } = parameters
  return others
}

async function admit(
  input: ReaderInput,
  { database, name }: { readonly database: string; readonly name: string },
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await using admin = await connect(input.admin, input.connect, signal)
  const [row] = await admin.query<{ may: boolean }>(MAY_CONNECT, [name, database])
  if (row?.may !== false) return NOTHING_TO_TAKE_BACK
  const right = `CONNECT ON DATABASE ${quoteIdentifier(database)}`
  await admin.query(`GRANT ${right} TO ${quoteIdentifier(name)}`)
  return {
    async [Symbol.asyncDispose]() {
      // Where that fails, the database is gone, or the role's end says so.
      await withAdmin(input, again => again.query(`REVOKE ${right} FROM ${quoteIdentifier(name)}`)).catch(() => {})
    },
  }
}

const MAY_CONNECT = `
SELECT pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT') AS may
FROM pg_catalog.pg_roles r, pg_catalog.pg_database d WHERE r.rolname = $1 AND d.datname = $2`

const REMOVE_WITHIN_MS = 30_000

/** Not by the run's signal: after an interruption too the server is left as it was found. */
async function withAdmin(input: ReaderInput, work: (admin: Connection) => Promise<unknown>): Promise<void> {
  await using admin = await connect(input.admin, input.connect, AbortSignal.timeout(REMOVE_WITHIN_MS))
  await work(admin)
}

/** Never throws. */
async function remove(input: ReaderInput, { name, oid }: Loader): Promise<void> {
  try {
    await withAdmin(input, async admin => {
      await shutRole(admin, oid)
      await dropRole(admin, oid)
    })
  } catch (error) {
    input.onLeftBehind?.(`DROP ROLE IF EXISTS ${quoteIdentifier(name)};`, failureText(failureOf(error)))
  }
}

async function serverOf(admin: Connection): Promise<{ readonly major: number; readonly isSuperuser: boolean }> {
  const [row] = await admin.query<{ version: string; superuser: string }>(
    "SELECT pg_catalog.current_setting('server_version_num') AS version, pg_catalog.current_setting('is_superuser') AS superuser",
  )
  return { major: Math.floor(Number(row?.version) / 10_000), isSuperuser: row?.superuser === 'on' }
}
