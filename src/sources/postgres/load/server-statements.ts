import type { Remark } from '../../../events.ts'
import { isDatabaseBlock } from '../database/read-database-part.ts'
import { readRoleStatements } from '../roles/read-role-statements.ts'
import type { RecordedRoles } from '../roles/recorded-roles.ts'
import { isDoStatement } from '../sql/do-block.ts'
import { identifyStatement } from '../sql/statement-identity.ts'

/** What the statements of an archive say of the server that it came from; none of them is ever run. */
export interface ServerStatements {
  /** Texts in the archive's encoding, one character per byte. */
  readonly roles: RecordedRoles
  /** The blocks of a database part whose place no manifest tells. */
  readonly databaseBlocks: readonly Buffer[]
  /** What is neither. */
  readonly leftOut: readonly Remark[]
}

/** Whether a statement concerns the server although it stands where the database's own do: a block, which no dump has. */
export function concernsServer(statement: Buffer): boolean {
  return isDoStatement(statement)
}

/** Reads them as data: the roles of pg_dumpall or of our own roles part, and our own database part. */
export function readServerStatements(statements: readonly Buffer[]): ServerStatements {
  const databaseBlocks = new Set(statements.filter(isDatabaseBlock))
  const others = statements.filter(statement => !databaseBlocks.has(statement))
  const { roles, leftOut } = readRoleStatements(others, 'latin1')
  return { roles, databaseBlocks: [...databaseBlocks], leftOut: notRun(leftOut) }
}

/** More than this nobody reads. */
const MOST_NAMED = 20

/** What is said of statements that are not what they should be. Nothing of their text but names is in it. */
export function notRun(statements: readonly Buffer[]): readonly Remark[] {
  const named = statements.slice(0, MOST_NAMED).map(statement => {
    const { kind, identity } = identifyStatement(statement)
    const text = 'it is not written as pg_dumpall or this program writes it, and was not run'
    return remark(kind, `${kind} ${identity}`.trim().slice(0, MOST_CHARACTERS), text)
  })
  const more = statements.length - named.length
  return more <= 0 ? named : [...named, remark('STATEMENT', null, `${more} more statements were not run`)]
}

const MOST_CHARACTERS = 200

function remark(kind: string, name: string | null, text: string): Remark {
  return { kind, name, sqlstate: null, text }
}
