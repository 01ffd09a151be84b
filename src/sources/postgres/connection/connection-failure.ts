import pg from 'pg'
import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { codeOf } from '../../../system/error-code.ts'
import { networkReason } from '../../../system/network-error.ts'
import { explainMessage } from './server-messages.ts'

const LOST =
  /^(Connection terminated( unexpectedly| due to connection timeout)?|timeout expired|Query read timeout|Client has encountered a connection error.*)$/
const NO_TLS = 'The server does not support SSL connections'

/**
 * What went wrong on a connection, as something an operator can act on; its message holds neither a secret nor row
 * data. Only what another try may mend is of kind `connection`. A bug is handed back as it is.
 */
export function connectionFailure(target: DatabaseTarget, error: unknown): Error {
  if (!(error instanceof Error) || error instanceof OperatorError)
    return error instanceof Error ? error : new Error(String(error))
  const place = targetName(target)
  if (error instanceof pg.DatabaseError) return serverFailure(target, error)
  const code = codeOf(error)
  const reason = networkReason(code)
  if (reason !== null) {
    return new OperatorError('connection', `${place}: ${reason} (${code}); expected a PostgreSQL server`, {
      logOnly: [error.message],
    })
  }
  if (LOST.test(error.message)) return lostConnection(place, error)
  return error.message === NO_TLS || isTlsTrouble(error, code) ? tlsFailure(place, error, code) : error
}

/** Whether the server said that it has no database of that name. */
export function isNoSuchDatabase(error: unknown): error is OperatorError {
  return error instanceof OperatorError && error.sqlstate === '3D000'
}

/** Whether the server lacks a library that it was to load. */
export function isLibraryMissing(error: unknown): boolean {
  return error instanceof OperatorError && error.sqlstate === '58P01'
}

/** What a server says of a password that is not the user's, whichever of the two is wrong. */
export const WRONG_PASSWORD = '28P01'

function serverFailure(target: DatabaseTarget, error: pg.DatabaseError): OperatorError {
  const found = explainMessage(error.message, error.code ?? null)
  const hint = found.sqlstate === WRONG_PASSWORD ? passwordHint(target) : found.hint
  // Here it is our own limit for a query that ended, not that of pg_dump for its locks.
  const kind = found.sqlstate === '57014' ? 'server' : found.kind
  return new OperatorError(kind, `${targetName(target)}: ${found.text}`, {
    ...(found.sqlstate === null ? {} : { sqlstate: found.sqlstate }),
    ...(found.object === null ? {} : { object: found.object }),
    ...(hint === null || kind !== found.kind ? {} : { hint }),
    logOnly: [error.message, error.detail, error.where, error.hint].filter(line => line !== undefined),
  })
}

function passwordHint({ passwordFrom }: DatabaseTarget): string {
  if (passwordFrom === undefined) return 'check user and password'
  return `the password is that of ${passwordFrom}: check it, and the user`
}

function lostConnection(place: string, error: Error): OperatorError {
  const found = /timeout/.test(error.message) ? 'no answer in time' : 'the connection was lost'
  return new OperatorError('connection', `${place}: ${found}; expected a PostgreSQL server that answers`, {
    logOnly: [error.message],
  })
}

function tlsFailure(place: string, error: Error, code: string): OperatorError {
  const found =
    error.message === NO_TLS ? 'the server does not offer TLS' : `its certificate or its TLS was refused (${code})`
  return new OperatorError('configuration', `${place}: ${found}; expected what SSLMODE asks for`, {
    hint: 'check SSLMODE and SSLROOTCERT of this host, and whether its certificate is still valid',
    logOnly: [error.message],
  })
}

function isTlsTrouble(error: Error, code: string): boolean {
  if (error.message === 'There was an error establishing an SSL connection') return true
  return /^(ERR_(SSL|TLS|OSSL)|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO)/.test(code)
}
