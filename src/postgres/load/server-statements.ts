import { TokenReader } from '../../sql/token-reader.ts'
import { tokensOf } from '../../sql/tokens.ts'
import { nameParts } from '../../sql/written-name.ts'
import { rolesPart } from '../role-statements.ts'

const PASSWORD = / PASSWORD '(?:[^']|'')*'/

/**
 * What of the server's statements in an archive of the bash tool is run on a restore target: roles that it lacks, with
 * their attributes, settings and memberships but no passwords. Existing roles, tablespaces, databases and parameters are
 * left alone. Text in the archive's encoding, one character per byte; empty if there is nothing to do.
 */
export async function missingRoles(
  statements: readonly Buffer[],
  isKnown: (role: string) => Promise<boolean>,
): Promise<string> {
  const wanted: Buffer[] = []
  for (const statement of statements) {
    const role = roleConcerned(statement)
    if (role !== null && !(await isKnown(role))) wanted.push(statement)
  }
  const { text, roles } = rolesPart(
    wanted.map(statement => statement.toString('latin1').replace(PASSWORD, '')).join('\n'),
  )
  // Without its head, which sets the encoding of another text.
  return roles === 0 ? '' : text.slice(text.indexOf('\nDO '))
}

/** Whom a CREATE ROLE, ALTER ROLE or COMMENT ON ROLE is about, or who becomes a member by a GRANT. */
function roleConcerned(statement: Buffer): string | null {
  const reader = new TokenReader(tokensOf(statement))
  const verb = reader.takeOneOf(['create role', 'alter role', 'comment on role', 'grant'])
  if (verb === null || (verb === 'grant' && (reader.takeName() === null || !reader.take('to')))) return null
  const name = reader.takeName()
  return name === null ? null : (nameParts(name)[0] ?? null)
}
