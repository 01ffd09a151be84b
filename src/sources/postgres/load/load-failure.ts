import pg from 'pg'
import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { type FailureKind, OperatorError } from '../../../errors.ts'
import type { Remark } from '../../../events.ts'
import type { StatementIdentity } from '../sql/statement-identity.ts'
import { namedObject } from './named-object.ts'
import { type FullNames, NO_FULL_NAMES, unfoundName } from './unfound-name.ts'

/** What some SQLSTATEs mean for a statement of an archive. */
const WORDS: Readonly<Record<string, string>> = {
  '0A000': 'the server does not offer it',
  '22023': 'a value in it means nothing to this server',
  '23502': 'a row breaks a NOT NULL',
  '23503': 'a row breaks a foreign key',
  '23505': 'a row breaks a unique constraint',
  '23514': 'a row breaks a check',
  '3F000': 'its schema is missing',
  '42501': 'the right to it is missing',
  '42601': 'the server does not understand it',
  '42704': 'something that it needs is missing',
  '42710': 'it exists already',
  '42883': 'a function that it needs is missing',
  '42P01': 'a table that it needs is missing',
  '42P07': 'it exists already',
  '53100': 'the disk of the server is full',
  F0000: 'a file of its configuration is missing on the server or cannot be read',
  '58P01': 'a file that it needs is missing on the server',
}

/** A statement that the server refused, in words that may leave the pod. */
export interface LoadError extends StatementIdentity {
  readonly sqlstate: string | null
  readonly text: string
  readonly hint?: string
  /** The server's own words, for the pod's log. */
  readonly logOnly: readonly string[]
}

/** How names without a schema were looked for, and what they may mean. */
interface Looking {
  readonly full?: FullNames
  readonly searchPath?: readonly string[]
}

/** What the server said to a statement; null when the connection is what failed. */
export function loadErrorOf(
  statement: StatementIdentity,
  error: unknown,
  { full = NO_FULL_NAMES, searchPath = [] }: Looking = {},
): LoadError | null {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined || /^(57P|08)/.test(error.code)) return null
  return {
    kind: statement.kind,
    identity: statement.identity,
    sqlstate: error.code,
    text: namedObject(error) ?? WORDS[error.code] ?? 'the server refused it',
    ...unfoundName(error, full, searchPath),
    logOnly: [error.message, error.detail, error.where, error.hint].filter(line => line !== undefined),
  }
}

/** The same as an error that ends the load. */
export function loadFailure(target: DatabaseTarget, found: LoadError): OperatorError {
  const name = `${found.kind} ${found.identity}`.trim()
  return new OperatorError(
    kindOf(found.sqlstate),
    `${targetName(target)}: ${name}: ${found.text}; expected it to load`,
    {
      ...(found.sqlstate === null ? {} : { sqlstate: found.sqlstate }),
      ...(found.identity === '' ? {} : { object: found.identity }),
      ...(found.hint === undefined ? {} : { hint: found.hint }),
      ...(found.sqlstate === '42501' ? { hint: NEEDS_SUPERUSER } : {}),
      logOnly: found.logOnly,
    },
  )
}

/** Nothing is wrong with the archive then: code of a superuser wants to run, or an admin who is none loads. */
const NEEDS_SUPERUSER =
  'it needs a right that only superusers have, which code of an archive never gets while it is loaded; "gunzip -c FILE | psql" as a superuser does it without this protection'

function kindOf(sqlstate: string | null): FailureKind {
  if (sqlstate === '42501') return 'rights'
  return sqlstate === '53100' ? 'space' : 'server'
}

/** A statement that was left out, and why. */
export function skipped(
  statement: StatementIdentity,
  facts: { readonly text: string; readonly sqlstate?: string | null },
): Remark {
  return { kind: statement.kind, name: statement.identity, sqlstate: facts.sqlstate ?? null, text: facts.text }
}
