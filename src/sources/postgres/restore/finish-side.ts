import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Remark } from '../../../events.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { sessionOf } from '../connection/sql-session.ts'
import { compareFacts } from '../database/compare-facts.ts'
import type { GivenFacts } from '../database/database-facts.ts'
import { allowedFacts, giveDatabaseFacts } from '../database/give-database-facts.ts'
import { inspectDatabase } from '../inspect/inspect.ts'
import { withoutEventTriggers } from '../made/event-triggers.ts'
import { openDatabase } from '../made/reset-database.ts'
import { quoteIdentifier } from '../sql/quote.ts'

/** Facts and where they were found: what the live database has was given by somebody with the right to it. */
export interface FactsToGive {
  readonly facts: GivenFacts
  readonly from: 'live database' | 'manifest' | 'text of the archive'
}

export interface FinishInput {
  /** The admin's access to the side database. */
  readonly side: DatabaseTarget
  readonly connect: ConnectOptions
  /** Null where the admin himself loaded. */
  readonly loader: string | null
  readonly owner: string
  /** Who owns it if the server still has no such role. */
  readonly fallbackOwner: string
  /** The user who works in the database; null if unknown. */
  readonly databaseUser: string | null
  /** The archive's database had no schema public. */
  readonly withoutPublic: boolean
}

interface Given {
  /** Settings, rights and connection limit that the database is to have; null: those of a new one. Its comment stays. */
  readonly given: FactsToGive | null
}

/**
 * Gives the loaded database its owner. What nobody else owns goes to the owner too, so that the loader owns nothing any
 * more. Returns what could not be given.
 */
export async function giveOwner(input: FinishInput, signal: AbortSignal): Promise<readonly Remark[]> {
  await using admin = await connect(input.side, { ...input.connect, queryTimeoutMs: LONG_MS }, signal)
  const owner = (await hasRole(admin, input.owner)) ? input.owner : input.fallbackOwner
  await handOver(admin, input, owner)
  return owner === input.owner ? [] : [otherOwner(input, owner)]
}

/**
 * Gives the database what pg_dump leaves out. It comes last: its settings and rights would be those of the sessions that
 * compare. Returns what could not be given.
 */
export async function giveFacts(input: FinishInput & Given, signal: AbortSignal): Promise<readonly Remark[]> {
  await using admin = await connect(input.side, input.connect, signal)
  const owner = (await hasRole(admin, input.owner)) ? input.owner : input.fallbackOwner
  if (input.loader !== null) await openDatabase(admin, input.side.database)
  const missing = input.given === null ? [] : await giveRecorded(admin, { ...input, ...input.given, owner }, signal)
  if (input.given === null || input.given.from === 'text of the archive') await grantAll(admin, input)
  return [...missing, ...(await lostAccess(admin, input))]
}

/** Handing over a hundred thousand tables takes its time. */
const LONG_MS = 30 * 60_000

async function handOver(admin: Connection, input: FinishInput, owner: string): Promise<void> {
  const to = quoteIdentifier(owner)
  if (input.loader === null) {
    if (owner !== input.side.user)
      await admin.query(`ALTER DATABASE ${quoteIdentifier(input.side.database)} OWNER TO ${to}`)
    return
  }
  const loader = quoteIdentifier(input.loader)
  await withoutEventTriggers(admin, async () => {
    // It takes the database along, which the loader owns as well.
    await admin.query(`REASSIGN OWNED BY ${loader} TO ${to}`)
    await admin.query(`DROP OWNED BY ${loader}`)
  })
}

/** As the bash tool did, where nothing else says who may do what. */
async function grantAll(admin: Connection, { databaseUser, side }: FinishInput): Promise<void> {
  if (databaseUser === null || !(await hasRole(admin, databaseUser))) return
  await admin.query(`GRANT ALL ON DATABASE ${quoteIdentifier(side.database)} TO ${quoteIdentifier(databaseUser)}`)
}

async function giveRecorded(
  admin: Connection,
  input: FinishInput & FactsToGive,
  signal: AbortSignal,
): Promise<readonly Remark[]> {
  const session = sessionOf(admin)
  const isLive = input.from === 'live database'
  const { facts, withheld } = isLive ? { facts: input.facts, withheld: [] } : await allowedFacts(input.facts, session)
  await giveDatabaseFacts({ ...facts, comment: null }, { database: input.side.database, owner: input.owner }, session)
  const { database } = await inspectDatabase(input.side, input.connect, signal)
  const { withoutPublic } = input
  return [...withheld, ...compareFacts({ ...facts, withoutPublic }, { ...database, comment: facts.comment })]
}

async function lostAccess(admin: Connection, { databaseUser }: FinishInput): Promise<readonly Remark[]> {
  if (databaseUser === null) return []
  const [row] = await admin.query<{ may: boolean }>(
    `SELECT pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT') AS may
     FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
     WHERE r.rolname = $1 AND d.datname = pg_catalog.current_database()`,
    [databaseUser],
  )
  if (row?.may === true) return []
  const found = row === undefined ? 'the server has no such role' : 'it may not connect to the restored database'
  return [{ kind: 'access', name: databaseUser, sqlstate: null, text: `${found}, and the configuration names it` }]
}

async function hasRole(admin: Connection, name: string): Promise<boolean> {
  return (await admin.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [name])).length > 0
}

function otherOwner(input: FinishInput, owner: string): Remark {
  const text = `the server has no role ${input.owner}: ${owner} owns the database, and what nobody else owns`
  return { kind: 'owner', name: input.owner, sqlstate: null, text }
}
