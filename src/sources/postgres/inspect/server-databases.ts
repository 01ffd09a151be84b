import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { LookedUpServer } from '../../../config/found-databases.ts'
import { failureOf, OperatorError } from '../../../errors.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { WRONG_PASSWORD } from '../connection/connection-failure.ts'
import { isMadeByRestore } from '../made/made-things.ts'
import { MARKER_HEAD } from '../made/marker.ts'
import { keptBeside } from '../swap/companion-names.ts'

interface Row {
  readonly name: string
  readonly oid: number
  readonly template: boolean
  readonly limit: number
  readonly commented: boolean
  readonly marker: string | null
}

/** Nobody makes us hold more names, or a long comment, in memory. */
const MOST_ROWS = 10_000
const LONGEST_MARKER = 2_000

/** pg_database by its fixed OID (pg_database_d.h). The oldest come first, so that a crowd of new ones displaces none. */
const DATABASES = `
SELECT d.datname AS name, d.oid, d.datistemplate AS template, d.datconnlimit AS "limit", s.description IS NOT NULL AS commented,
       CASE WHEN pg_catalog.left(s.description, ${MARKER_HEAD.length}) = '${MARKER_HEAD}'
         THEN pg_catalog.left(s.description, ${LONGEST_MARKER}) END AS marker
FROM pg_catalog.pg_database d
  LEFT JOIN pg_catalog.pg_shdescription s ON s.classoid = '1262' AND s.objoid = d.oid
ORDER BY d.oid LIMIT ${MOST_ROWS}`

/** Where there is nothing of anybody's: it is for administrators to log in to. */
const FOR_ADMINISTRATORS = 'postgres'

/**
 * Which databases a server has, as any role sees them that may log in to one of `inside`, in their order. Never rejects but
 * with the signal's reason: a list that cannot be read is a failure, and not an empty one.
 */
export async function databasesOfServer(
  inside: readonly [DatabaseTarget, ...DatabaseTarget[]],
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<LookedUpServer> {
  const { host, port } = inside[0]
  try {
    await using connection = await connectToAny(inside, options, signal)
    return { host, port, ...sorted(await connection.query<Row>(DATABASES)), failure: null }
  } catch (error) {
    signal.throwIfAborted()
    return { host, port, names: [], leftOut: [], failure: failureOf(error) }
  }
}

/** Rejects with what the first of them said. */
async function connectToAny(
  [first, ...others]: readonly [DatabaseTarget, ...DatabaseTarget[]],
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  try {
    return await connect(first, options, signal)
  } catch (error) {
    for (const other of isOfThisDatabase(error) ? others : []) {
      const connection = await connect(other, options, signal).catch(() => null)
      signal.throwIfAborted()
      if (connection !== null) return connection
    }
    throw error
  }
}

/** Whether another database of the server may answer otherwise. A wrong password is wrong for all, and locks accounts. */
function isOfThisDatabase(error: unknown): boolean {
  if (!(error instanceof OperatorError) || error.sqlstate === WRONG_PASSWORD) return false
  return error.kind !== 'connection'
}

function sorted(rows: readonly Row[]): Pick<LookedUpServer, 'names' | 'leftOut'> {
  const kept = keptBeside(rows.map(({ name }) => name))
  const isLeftOut = (row: Row): boolean =>
    row.template || row.name === FOR_ADMINISTRATORS || kept.has(row.name) || isMadeByRestore(facts(row))
  return {
    names: rows.filter(row => !isLeftOut(row)).map(({ name }) => name),
    leftOut: rows.filter(isLeftOut).map(({ name }) => name),
  }
}

/** A comment that is no mark is somebody's, whatever it says. */
function facts({ name, oid, limit, commented, marker }: Row): Parameters<typeof isMadeByRestore>[0] {
  return { name, oid, comment: commented ? (marker ?? '') : null, connectionLimit: limit }
}
