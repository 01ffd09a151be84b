import { takeExactInteger, takeExactLiteral, takeExactName, takeList } from '../sql/exact-tokens.ts'
import { TokenReader } from '../sql/token-reader.ts'
import { tokensOf } from '../sql/tokens.ts'
import {
  type AclItem,
  DATABASE_PRIVILEGES,
  type DatabasePrivilege,
  type DatabaseSetting,
  type GivenFacts,
} from './database-facts.ts'
import { NAME, NAME_OF_OWNER } from './database-part.ts'
import { readDoBlock } from './do-block.ts'
import type { TextEncoding } from './read-roles.ts'
import { takeSetting } from './setting-value.ts'

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
  const said: Fact[] = []
  for (const statement of statements) {
    const facts = readDoBlock(statement, takeFacts)
    if (facts !== null) said.push(...facts)
    else if (!isFrame(statement)) leftOut.push(statement)
  }
  return { facts: said.length === 0 ? null : factsOf(said, given), leftOut }
}

/** Whether a statement is one of the blocks of `databasePart`. */
export function isDatabaseBlock(statement: Buffer): boolean {
  return readDoBlock(statement, takeFacts) !== null
}

type Fact =
  | { readonly kind: 'setting'; readonly setting: DatabaseSetting }
  | { readonly kind: 'nothing for all' }
  | { readonly kind: 'right'; readonly right: AclItem }
  | { readonly kind: 'comment'; readonly comment: string }
  | { readonly kind: 'limit'; readonly limit: number }

/** Names that nothing else in a text can have stand for the two that are known only where it is loaded. */
const THIS_DATABASE = '\u0001database'
const THIS_OWNER = '\u0001owner'

function isFrame(statement: Buffer): boolean {
  return /^SET client_encoding = 'UTF8';$/.test(statement.toString('latin1'))
}

function takeFacts(reader: TokenReader): readonly Fact[] | null {
  const facts: Fact[] = []
  while (reader.take('execute')) {
    const text = takeConcatenation(reader)
    const fact = text === null ? null : factIn(text)
    if (fact === null || !reader.take(';')) return null
    facts.push(fact)
  }
  return facts.length === 0 ? null : facts
}

const DATABASE_TOKENS = phraseOf(NAME)
const OWNER_TOKENS = phraseOf(NAME_OF_OWNER)

function phraseOf(text: string): string {
  return [...tokensOf(Buffer.from(text))].map(token => token.text.toLowerCase()).join(' ')
}

/** The text that an EXECUTE would run, with the stand-ins in it. */
function takeConcatenation(reader: TokenReader): string | null {
  let text = ''
  do {
    if (reader.take(DATABASE_TOKENS)) text += `"${THIS_DATABASE}"`
    else if (reader.take(OWNER_TOKENS)) text += `"${THIS_OWNER}"`
    else {
      const literal = takeExactLiteral(reader)
      if (literal === null) return null
      text += literal
    }
  } while (reader.take('| |'))
  return text
}

function factIn(text: string): Fact | null {
  const reader = new TokenReader(tokensOf(Buffer.from(text, 'latin1')))
  const fact = takeFact(reader)
  return reader.atEnd ? fact : null
}

function takeFact(reader: TokenReader): Fact | null {
  switch (
    reader.takeOneOf(['alter database', 'alter role', 'revoke all on database', 'grant', 'comment on database'])
  ) {
    case 'alter database':
      return takesDatabase(reader) ? takeOfDatabase(reader) : null
    case 'alter role': {
      const role = takeExactName(reader)
      return role !== null && reader.take('in database') && takesDatabase(reader) ? takeSettingOf(role, reader) : null
    }
    case 'revoke all on database': {
      const isForAll = takesDatabase(reader) && reader.take('from') && takeGrantee(reader) !== undefined
      return isForAll ? { kind: 'nothing for all' } : null
    }
    case 'grant':
      return takeRight(reader)
    case 'comment on database': {
      const comment = takesDatabase(reader) && reader.take('is') ? takeExactLiteral(reader) : null
      return comment === null ? null : { kind: 'comment', comment }
    }
    case null:
      return null
  }
}

function takesDatabase(reader: TokenReader): boolean {
  return takeExactName(reader) === THIS_DATABASE
}

function takeOfDatabase(reader: TokenReader): Fact | null {
  if (!reader.take('connection limit')) return takeSettingOf(null, reader)
  const limit = takeExactInteger(reader)
  return limit === null ? null : { kind: 'limit', limit }
}

function takeSettingOf(role: string | null, reader: TokenReader): Fact | null {
  const setting = reader.take('set') ? takeSetting(reader) : null
  return setting === null ? null : { kind: 'setting', setting: { role, ...setting } }
}

function takeRight(reader: TokenReader): Fact | null {
  const privileges = takeList(reader, takePrivilege)
  if (privileges === null || !reader.take('on database') || !takesDatabase(reader) || !reader.take('to')) return null
  const grantee = takeGrantee(reader)
  if (grantee === undefined) return null
  const grantable = reader.take('with grant option') ? privileges : []
  return { kind: 'right', right: { grantee, privileges, grantable } }
}

function takePrivilege(reader: TokenReader): DatabasePrivilege | null {
  const text = reader.next()?.text
  return DATABASE_PRIVILEGES.find(privilege => privilege === text) ?? null
}

/** Null is PUBLIC; undefined is nobody. */
function takeGrantee(reader: TokenReader): string | null | undefined {
  return reader.take('public') ? null : (takeExactName(reader) ?? undefined)
}

function factsOf(
  said: readonly Fact[],
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
function aclOf(said: readonly Fact[]): readonly AclItem[] {
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
