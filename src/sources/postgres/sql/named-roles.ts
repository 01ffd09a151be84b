import { TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/** Words in the place of a role's name that name no role of the server. */
const NO_ROLE = /^(public|current_user|current_role|session_user|default|none)$/

/**
 * The roles that a statement needs: owners, those who get or lose rights or give them, those whom a policy or a user
 * mapping is for, those whose session is taken. Without quotation marks, one character per byte; empty for any other statement.
 */
export function rolesNamedBy(statement: Buffer): readonly string[] {
  const reader = new TokenReader(tokensOf(statement))
  const roles: string[] = []
  const verb = reader.takeOneOf(['grant', 'revoke', 'alter', 'create policy', 'create user mapping', 'set'])
  if (verb === 'grant' || verb === 'revoke') rolesOfRight(reader, roles)
  if (verb === 'alter') rolesOfAlter(reader, roles)
  if (verb === 'create policy') rolesOfPolicy(reader, roles)
  if (verb === 'create user mapping' && reader.skipPast('for')) takeRoles(reader, roles)
  if (verb === 'set' && reader.take('session authorization')) takeRoles(reader, roles)
  return [...new Set(roles)]
}

function rolesOfRight(reader: TokenReader, roles: string[]): void {
  // A right can't be called TO or FROM; a function that it is for has its arguments in parentheses.
  if (!reader.skipPast('on')) return
  if (reader.skipPast('to') || reader.skipPast('from')) takeRoles(reader, roles)
  if (reader.skipPast('granted by')) takeRoles(reader, roles)
}

function rolesOfAlter(reader: TokenReader, roles: string[]): void {
  if (reader.take('default privileges')) {
    if (reader.take('for role') || reader.take('for user')) takeRoles(reader, roles)
    if (reader.skipPast('grant') || reader.skipPast('revoke')) rolesOfRight(reader, roles)
  } else if (reader.skipPast('owner to')) takeRoles(reader, roles)
}

function rolesOfPolicy(reader: TokenReader, roles: string[]): void {
  if (reader.takeName() === null || !reader.take('on') || reader.takeName() === null) return
  if (reader.take('as')) reader.next()
  if (reader.take('for')) reader.next()
  if (reader.take('to')) takeRoles(reader, roles)
}

function takeRoles(reader: TokenReader, roles: string[]): void {
  do {
    reader.take('group')
    const name = bareName(reader.next()?.text ?? '')
    if (name !== null) roles.push(name)
  } while (reader.take(','))
}

function bareName(written: string): string | null {
  if (written.startsWith('"')) return written.slice(1, -1).replaceAll('""', '"')
  if (written.startsWith("'")) return written.slice(1, -1).replaceAll("''", "'")
  const folded = written.replace(/[A-Z]+/g, letters => letters.toLowerCase())
  return NO_ROLE.test(folded) ? null : folded
}
