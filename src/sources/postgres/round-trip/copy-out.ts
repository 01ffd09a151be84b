import { to } from 'pg-copy-streams'
import type { DatabaseTarget } from '../../../config/database-target.ts'
import { type ClientSession, type ConnectOptions, openClient } from '../connection/connection.ts'
import { connectionFailure } from '../connection/connection-failure.ts'
import { DUMP_SESSION, PG_DUMP_SESSION } from '../connection/session-parameters.ts'
import { copiedValues } from '../sql/copied-values.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { nameParts } from '../sql/written-name.ts'

export interface CopyOutOptions extends ConnectOptions {
  /** The encoding of the database, so that nothing is converted. */
  readonly clientEncoding: string
}

/** A session that reads tables as pg_dump does. */
export interface CopyOutSession extends AsyncDisposable {
  /**
   * The rows of one table as COPY writes them, each with its newline, without those of tables that inherit from it; of
   * a table of an extension only those that pg_dump takes. Names as a dump has them, quotes kept; one reading at a time.
   * Throws an OperatorError, or the signal's reason. Leaving it early ends the session.
   */
  rows(table: string, columns: readonly string[]): AsyncIterable<Buffer>
  /**
   * The rows of a query of ours, which is ASCII: each value as the text that its type prints, one character per byte. For
   * catalogs, not for data: all of it is kept in memory.
   */
  values(query: string): Promise<readonly (readonly (string | null)[])[]>
}

/** Opens the session. `parameters` of the options come on top of those of a dump. Rejects as `connect` does. */
export async function openCopyOut(
  target: DatabaseTarget,
  options: CopyOutOptions,
  signal: AbortSignal,
): Promise<CopyOutSession> {
  const ending = new AbortController()
  const either = AbortSignal.any([signal, ending.signal])
  const parameters = { ...DUMP_SESSION, ...PG_DUMP_SESSION, ...options.parameters }
  const session = await openClient(target, { ...options, queryTimeoutMs: 0, parameters }, either)
  try {
    // Not as a startup parameter: there `pg` always says UTF8.
    await session.query(`SET client_encoding = ${quoteLiteral(options.clientEncoding)}`)
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
  async function* copied(source: string): AsyncGenerator<Buffer> {
    const copy = copyOf(session, source, options.clientEncoding)
    let isThrough = false
    try {
      yield* copy as AsyncIterable<Buffer>
      isThrough = true
    } catch (error) {
      throw signal.aborted ? signal.reason : connectionFailure(target, error)
    } finally {
      if (!isThrough) ending.abort(new Error('a COPY was left before its end'))
    }
  }
  return {
    async *rows(table, columns) {
      yield* copied(await sourceOf(session, table, columns))
    },
    async values(query) {
      const chunks: Buffer[] = []
      for await (const chunk of copied(`(${query})`)) chunks.push(chunk)
      return copiedValues(Buffer.concat(chunks))
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

async function sourceOf(session: ClientSession, table: string, columns: readonly string[]): Promise<string> {
  const list = columns.join(', ')
  const condition = await extensionCondition(session, table)
  if (condition === null) return columns.length === 0 ? table : `${table} (${list})`
  return `(SELECT ${list} FROM ONLY ${table} ${condition})`
}

/** `pg_extension_config_dump` can name the rows that belong to the user: a WHERE clause, null for all rows. */
async function extensionCondition(session: ClientSession, table: string): Promise<string | null> {
  // Parameters go as UTF-8; no extension has other names.
  if (!isAscii(table)) return null
  const [schema, name] = nameParts(table)
  const rows = await session.query<{ condition: string }>(
    `SELECT e.condition FROM pg_catalog.pg_extension x
     CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(x.extconfig), pg_catalog.unnest(x.extcondition)) AS e(relation, condition)
     JOIN pg_catalog.pg_class c ON c.oid = e.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND e.condition <> ''`,
    [schema, name],
  )
  return rows[0]?.condition ?? null
}

function copyOf(session: ClientSession, source: string, encoding: string): AsyncIterable<Buffer> {
  const copy = to(`COPY ${source} TO STDOUT`)
  const submit = copy.submit.bind(copy)
  // `pg` would send the names as UTF-8; the session's encoding is that of the database.
  copy.submit = connection => submit(queryingWith(connection, bytesOf(copy.text, encoding)))
  return session.client.query(copy)
}

type PgConnection = Parameters<ReturnType<typeof to>['submit']>[0]

/** The connection with a `query` that sends these bytes: the message `Query` of the protocol, ended by a zero. */
function queryingWith(connection: PgConnection, text: Buffer): PgConnection {
  const message = Buffer.alloc(6 + text.length)
  message.write('Q', 0, 'latin1')
  message.writeUInt32BE(text.length + 5, 1)
  text.copy(message, 5)
  return Object.create(connection, { query: { value: () => connection.stream.write(message) } }) as PgConnection
}

/** The bytes of a text that `textOf` of the SQL stage made: of other encodings it keeps each byte as one character. */
function bytesOf(text: string, encoding: string): Buffer {
  const isBytes = encoding !== 'UTF8' && !/[^\0-\xff]/.test(text)
  return Buffer.from(text, isBytes ? 'latin1' : 'utf8')
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text)
}
