import { splitStatements } from '../sql/split-statements.ts'
import { type ReadRoles, readRoleStatements } from './read-role-statements.ts'

/** What the text of a roles part says, and how much else is in it that is no statement. */
export interface ReadRolesPart extends ReadRoles {
  readonly others: number
}

/** Reads the roles part of an archive as data. Throws an OperatorError (`incomplete`) for what no script of roles has. */
export function readRolesPart(text: Buffer): ReadRolesPart {
  const { statements, others } = splitStatements(text)
  return { ...readRoleStatements(statements, 'utf8'), others }
}
