import { OperatorError } from '../../../errors.ts'
import type { Connection } from './connection.ts'

/** A session as what gives roles and facts to a server needs it, whatever the encoding of its texts. */
export interface SqlSession {
  /** The rows of one query of ours, each value as text. */
  rows(sql: string): Promise<readonly (readonly (string | null)[])[]>
  run(sql: string): Promise<void>
  /** The SQLSTATE of an error that `run` rejected with; null where the server did not say it. */
  sqlstateOf(error: unknown): string | null
}

/** What the server said to a statement that it refused, in words that may leave the pod. */
export interface Refusal {
  readonly sqlstate: string
  readonly text: string
}

/** A connection as such a session. */
export function sessionOf(connection: Connection): SqlSession {
  return {
    async rows(sql) {
      const rows = await connection.query<Record<string, unknown>>(sql)
      return rows.map(row => Object.values(row).map(value => (value === null ? null : String(value))))
    },
    async run(sql) {
      await connection.query(sql)
    },
    sqlstateOf: error => (error instanceof OperatorError ? (error.sqlstate ?? null) : null),
  }
}

/**
 * Runs statements that succeed or fail together. What the server refuses is given back; a lost connection, a full disk and
 * a server that ends are thrown.
 */
export async function attempt(session: SqlSession, statements: readonly string[]): Promise<Refusal | null> {
  const [first, ...more] = statements
  try {
    if (first !== undefined && more.length === 0) await session.run(first)
    else for (const statement of ['BEGIN', ...statements, 'COMMIT']) await session.run(statement)
    return null
  } catch (error) {
    const sqlstate = session.sqlstateOf(error)
    if (sqlstate === null || NO_ANSWER.test(sqlstate)) throw error
    if (more.length > 0) await session.run('ROLLBACK')
    return { sqlstate, text: WORDS[sqlstate] ?? 'the server refused it' }
  }
}

const NO_ANSWER = /^(?:08|53|57|58|XX)/

const WORDS: Readonly<Record<string, string>> = {
  '22007': 'a date in it means nothing to this server',
  '22023': 'a value in it means nothing to this server',
  '42501': 'the right to it is missing',
  '42602': 'the server takes no such name',
  '42704': 'something that it needs is missing',
  '42710': 'it exists already',
  '42939': 'the server keeps such names for itself',
}
