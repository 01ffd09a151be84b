import { takeExactGrantee, takeExactInteger, takeExactLiteral, takeExactName, takeList } from '../sql/exact-tokens.ts'
import { TokenReader } from '../sql/token-reader.ts'
import { tokensOf } from '../sql/tokens.ts'
import { type AclItem, DATABASE_PRIVILEGES, type DatabasePrivilege, type DatabaseSetting } from './database-facts.ts'
import { NAME, NAME_OF_OWNER } from './database-part.ts'
import { takeSetting } from './setting-value.ts'

/** What one statement gives to the database that it is loaded into. Texts have one character per byte. */
export type DatabaseFact =
  | { readonly kind: 'setting'; readonly setting: DatabaseSetting }
  | { readonly kind: 'nothing for all' }
  | { readonly kind: 'right'; readonly right: AclItem }
  | { readonly kind: 'comment'; readonly comment: string }
  | { readonly kind: 'limit'; readonly limit: number }

/** Names that nothing else in a text can have stand for the two that are known only where it is loaded. */
const THIS_DATABASE = '\u0001database'
export const THIS_OWNER = '\u0001owner'

/** Reads the inside of a block that `databasePart` wrote, and nothing else; null for all other text. */
export function takeDatabaseFacts(reader: TokenReader): readonly DatabaseFact[] | null {
  const facts: DatabaseFact[] = []
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

function factIn(text: string): DatabaseFact | null {
  const reader = new TokenReader(tokensOf(Buffer.from(text, 'latin1')))
  const fact = takeFact(reader)
  return reader.atEnd ? fact : null
}

function takeFact(reader: TokenReader): DatabaseFact | null {
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
      const isForAll = takesDatabase(reader) && reader.take('from') && takeExactGrantee(reader) !== undefined
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

function takeOfDatabase(reader: TokenReader): DatabaseFact | null {
  if (!reader.take('connection limit')) return takeSettingOf(null, reader)
  const limit = takeExactInteger(reader)
  return limit === null ? null : { kind: 'limit', limit }
}

function takeSettingOf(role: string | null, reader: TokenReader): DatabaseFact | null {
  const setting = reader.take('set') ? takeSetting(reader) : null
  return setting === null ? null : { kind: 'setting', setting: { role, ...setting } }
}

function takeRight(reader: TokenReader): DatabaseFact | null {
  const privileges = takeList(reader, takePrivilege)
  if (privileges === null || !reader.take('on database') || !takesDatabase(reader) || !reader.take('to')) return null
  const grantee = takeExactGrantee(reader)
  if (grantee === undefined) return null
  const grantable = reader.take('with grant option') ? privileges : []
  return { kind: 'right', right: { grantee, privileges, grantable } }
}

function takePrivilege(reader: TokenReader): DatabasePrivilege | null {
  const text = reader.next()?.text
  return DATABASE_PRIVILEGES.find(privilege => privilege === text) ?? null
}
