import { takeExactLiteral } from '../sql/exact-tokens.ts'
import { TokenReader } from '../sql/token-reader.ts'
import { tokensOf } from '../sql/tokens.ts'
import { readDoBlock, takeTolerantBlock } from './do-block.ts'
import { plainRole, type RecordedRole, type RecordedRoles } from './recorded-roles.ts'
import { type RoleStatement, takeRoleStatement } from './role-grammar.ts'

/** The encoding of the texts in statements; `latin1` keeps one character per byte. */
export type TextEncoding = 'utf8' | 'latin1'

/** What statements say of roles, and those that are not as `rolesPart` or pg_dumpall writes them. */
export interface ReadRoles {
  readonly roles: RecordedRoles
  readonly leftOut: readonly Buffer[]
}

/**
 * Reads whole statements, each with its semicolon, as data: those of pg_dumpall, and the blocks of `rolesPart`. Nothing
 * is guessed: a statement that does not fit exactly is left out, and so is one about a role that no other one creates.
 */
export function readRoleStatements(statements: Iterable<Buffer>, encoding: TextEncoding): ReadRoles {
  const script = new RoleReader()
  for (const statement of statements) script.add(statement)
  return { roles: decoded(script.roles, encoding), leftOut: script.leftOut }
}

class RoleReader {
  readonly leftOut: Buffer[] = []
  readonly #roles = new Map<string, RecordedRole>()
  readonly #memberships: RecordedRoles['memberships'][number][] = []
  readonly #parameterRights: RecordedRoles['parameterRights'][number][] = []

  get roles(): RecordedRoles {
    const [roles, memberships] = [[...this.#roles.values()], this.#memberships]
    return { roles, memberships, parameterRights: this.#parameterRights }
  }

  add(statement: Buffer): void {
    const said = readDoBlock(statement, takeBlock) ?? plainStatement(statement)
    if (said === null || !said.every(one => this.#isKnown(one, said))) this.leftOut.push(statement)
    else for (const one of said) this.#take(one)
  }

  #isKnown(one: RoleStatement, said: readonly RoleStatement[]): boolean {
    if (one.kind === 'create' || !('role' in one) || this.#roles.has(one.role)) return true
    return said.some(other => other.kind === 'create' && other.role === one.role)
  }

  #take(one: RoleStatement): void {
    switch (one.kind) {
      case 'create':
        // The first one counts, as it would on a server.
        if (!this.#roles.has(one.role)) this.#roles.set(one.role, { ...plainRole(one.role), ...one.attributes })
        return
      case 'alter':
        return this.#change(one.role, role => ({ ...role, ...one.attributes }))
      case 'setting':
        return this.#change(one.role, role => ({ ...role, settings: [...role.settings, one.setting] }))
      case 'comment':
        return this.#change(one.role, role => ({ ...role, comment: one.comment }))
      case 'label':
        return this.#change(one.role, role => ({ ...role, labels: [...role.labels, one.label] }))
      case 'membership':
        this.#memberships.push(one.membership)
        return
      case 'parameter':
        this.#parameterRights.push(one.right)
        return
      case 'frame':
    }
  }

  #change(name: string, change: (role: RecordedRole) => RecordedRole): void {
    const role = this.#roles.get(name)
    if (role !== undefined) this.#roles.set(name, change(role))
  }
}

function plainStatement(statement: Buffer): readonly RoleStatement[] | null {
  const reader = new TokenReader(tokensOf(statement))
  const said = takeRoleStatement(reader)
  return said === null || !reader.atEnd ? null : [said]
}

/** What stands in a block of `rolesPart`: one role with all that is its own, or one right. */
function takeBlock(reader: TokenReader): readonly RoleStatement[] | null {
  if (reader.sees('if')) return takeRoleBlock(reader)
  const said = takeRoleStatement(reader)
  return said?.kind === 'membership' || said?.kind === 'parameter' || said?.kind === 'frame' ? [said] : null
}

function takeRoleBlock(reader: TokenReader): readonly RoleStatement[] | null {
  if (!reader.take('if exists ( select from pg_catalog . pg_roles where rolname =')) return null
  const name = takeExactLiteral(reader)
  const created = reader.take(') then return ; end if ;') ? takeRoleStatement(reader) : null
  if (created?.kind !== 'create' || created.role !== name) return null
  const said: RoleStatement[] = [created]
  while (reader.sees('begin')) {
    const following = takeTolerantBlock(reader, takeRoleStatement)
    if (following === null || !isOwn(following, name)) return null
    said.push(following)
  }
  return said
}

/** What `rolesPart` writes behind the creation of a role. */
function isOwn(said: RoleStatement, name: string): boolean {
  return (said.kind === 'setting' || said.kind === 'comment' || said.kind === 'label') && said.role === name
}

function decoded(roles: RecordedRoles, encoding: TextEncoding): RecordedRoles {
  if (encoding === 'latin1') return roles
  const decode = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : value
  return JSON.parse(JSON.stringify(roles), decode) as RecordedRoles
}
