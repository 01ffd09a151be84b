import type { TextEncoding } from '../roles/read-role-statements.ts'
import { readDoBlock } from '../sql/do-block.ts'
import { type AclItem, DATABASE_PRIVILEGES, type DatabasePrivilege, type GivenFacts } from './database-facts.ts'
import { type DatabaseFact, THIS_OWNER, takeDatabaseFacts } from './database-grammar.ts'

/** What the blocks of `databasePart` say, and the statements that are none. `facts` is null where there was no such block. */
export interface ReadDatabasePart {
  readonly facts: GivenFacts | null
  readonly leftOut: readonly Buffer[]
}

/**
 * Reads statements, each with its semicolon, as data; `owner` is the name that the facts are to have for the owner. What
 * does not fit exactly is left out.
 */
export function readDatabasePart(
  statements: Iterable<Buffer>,
  given: { readonly owner: string; readonly encoding: TextEncoding },
): ReadDatabasePart {
  const leftOut: Buffer[] = []
  const said: DatabaseFact[] = []
  for (const statement of statements) {
    const facts = readDoBlock(statement, takeDatabaseFacts)
    if (facts !== null) said.push(...facts)
    else if (!isFrame(statement)) leftOut.push(statement)
  }
  return { facts: said.length === 0 ? null : factsOf(said, given), leftOut }
}

/** Whether a statement is one of the blocks of `databasePart`. */
export function isDatabaseBlock(statement: Buffer): boolean {
  return readDoBlock(statement, takeDatabaseFacts) !== null
}

function isFrame(statement: Buffer): boolean {
  return /^SET client_encoding = 'UTF8';$/.test(statement.toString('latin1'))
}

function factsOf(
  said: readonly DatabaseFact[],
  given: { readonly owner: string; readonly encoding: TextEncoding },
): GivenFacts {
  const decode = (text: string): string =>
    given.encoding === 'latin1' ? text : Buffer.from(text, 'latin1').toString('utf8')
  const nameOf = (name: string | null): string | null =>
    name === null ? null : name === THIS_OWNER ? given.owner : decode(name)
  const comment = said.findLast(fact => fact.kind === 'comment')?.comment ?? null
  return {
    owner: given.owner,
    settings: said.flatMap(fact => {
      if (fact.kind !== 'setting') return []
      const { role, name, value } = fact.setting
      return [{ role: role === null ? null : decode(role), name: decode(name), value: decode(value) }]
    }),
    acl: aclOf(said).map(item => ({ ...item, grantee: nameOf(item.grantee) })),
    comment: comment === null ? null : decode(comment),
    connectionLimit: said.findLast(fact => fact.kind === 'limit')?.limit ?? -1,
  }
}

/** One item per grantee, the owner's first; none where nothing was taken from anybody before. */
function aclOf(said: readonly DatabaseFact[]): readonly AclItem[] {
  if (!said.some(fact => fact.kind === 'nothing for all')) return []
  const items = new Map<string | null, AclItem>([[THIS_OWNER, { grantee: THIS_OWNER, privileges: [], grantable: [] }]])
  for (const { grantee, privileges, grantable } of said.flatMap(fact => (fact.kind === 'right' ? [fact.right] : []))) {
    const before = items.get(grantee)
    items.set(grantee, {
      grantee,
      privileges: ordered([...(before?.privileges ?? []), ...privileges]),
      grantable: ordered([...(before?.grantable ?? []), ...grantable]),
    })
  }
  return [...items.values()]
}

function ordered(privileges: readonly DatabasePrivilege[]): readonly DatabasePrivilege[] {
  return DATABASE_PRIVILEGES.filter(privilege => privileges.includes(privilege))
}
