import { readDoBlock, takeTolerantBlock } from '../sql/do-block.ts'
import { takeExactLiteral } from '../sql/exact-tokens.ts'
import { TokenReader } from '../sql/token-reader.ts'
import { tokensOf } from '../sql/tokens.ts'
import { takeVersionGuard } from './membership-block.ts'
import {
  plainRole,
  type RecordedMembership,
  type RecordedParameterRight,
  type RecordedRole,
  type RecordedRoles,
} from './recorded-roles.ts'
import { type RoleAttributes, type RoleStatement, takeRoleStatement } from './role-grammar.ts'

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

type Own = Extract<RoleStatement, { readonly kind: 'setting' | 'comment' | 'label' }>

/** A role as far as it was read. */
interface Draft {
  attributes: RoleAttributes
  readonly own: Own[]
}

class RoleReader {
  readonly leftOut: Buffer[] = []
  readonly #drafts = new Map<string, Draft>()
  readonly #memberships: RecordedMembership[] = []
  readonly #parameterRights: RecordedParameterRight[] = []

  get roles(): RecordedRoles {
    const roles = [...this.#drafts].map(([name, draft]) => roleOf(name, draft))
    return { roles, memberships: this.#memberships, parameterRights: this.#parameterRights }
  }

  add(statement: Buffer): void {
    const said = readDoBlock(statement, takeBlock) ?? plainStatement(statement)
    if (said === null || !said.every(one => this.#take(one))) this.leftOut.push(statement)
  }

  /** Whether it is of a role that is known. A block begins with its role. */
  #take(one: RoleStatement): boolean {
    switch (one.kind) {
      case 'create':
        // The first one counts, as it would on a server.
        if (!this.#drafts.has(one.role)) this.#drafts.set(one.role, { attributes: one.attributes, own: [] })
        return true
      case 'membership':
        this.#memberships.push(one.membership)
        return true
      case 'parameter':
        this.#parameterRights.push(one.right)
        return true
      case 'frame':
        return true
      default:
        return this.#takeOwn(one)
    }
  }

  #takeOwn(one: Own | Extract<RoleStatement, { readonly kind: 'create' | 'alter' }>): boolean {
    const draft = this.#drafts.get(one.role)
    if (draft === undefined) return false
    if ('attributes' in one) draft.attributes = { ...draft.attributes, ...one.attributes }
    else draft.own.push(one)
    return true
  }
}

function roleOf(name: string, { attributes, own }: Draft): RecordedRole {
  return {
    ...plainRole(name),
    ...attributes,
    comment: own.findLast(one => one.kind === 'comment')?.comment ?? null,
    settings: own.flatMap(one => (one.kind === 'setting' ? [one.setting] : [])),
    labels: own.flatMap(one => (one.kind === 'label' ? [one.label] : [])),
  }
}

function plainStatement(statement: Buffer): readonly RoleStatement[] | null {
  const reader = new TokenReader(tokensOf(statement))
  const said = takeRoleStatement(reader)
  return said === null || !reader.atEnd ? null : [said]
}

/** What stands in a block of `rolesPart`: one role with all that is its own, or one right. */
function takeBlock(reader: TokenReader): readonly RoleStatement[] | null {
  if (reader.sees('if exists')) return takeRoleBlock(reader)
  if (reader.sees('if') && !takeVersionGuard(reader)) return null
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
