import { isWord, joined, readable, type TokenReader } from './token-reader.ts'
import type { Token } from './tokens.ts'

/** An object as a statement names it: its type in the words of pg_restore's list, and its name as written. */
export interface ObjectReference {
  readonly type: string
  readonly name: string
}

/** How the name of an object of this type is written. */
type NameStyle = 'name' | 'with arguments' | 'operator' | 'using' | 'on table' | 'cast' | 'transform' | 'mapping'

/** Longer phrases before those that they begin with. */
const TYPES: readonly (readonly [phrase: string, style: NameStyle, type?: string])[] = [
  ['access method', 'name'],
  ['aggregate', 'with arguments'],
  ['cast', 'cast'],
  ['collation', 'name'],
  ['column', 'name'],
  ['constraint trigger', 'on table', 'TRIGGER'],
  ['constraint', 'on table'],
  ['conversion', 'name'],
  ['database', 'name'],
  ['domain', 'name'],
  ['event trigger', 'name'],
  ['extension', 'name'],
  ['foreign data wrapper', 'name'],
  ['foreign server', 'name', 'SERVER'],
  ['foreign table', 'name'],
  ['function', 'with arguments'],
  ['group', 'name', 'ROLE'],
  ['index', 'name'],
  ['language', 'name', 'PROCEDURAL LANGUAGE'],
  ['large object', 'name', 'BLOB'],
  ['materialized view', 'name'],
  ['operator class', 'using'],
  ['operator family', 'using'],
  ['operator', 'operator'],
  ['parameter', 'name'],
  ['policy', 'on table'],
  ['procedural language', 'name'],
  ['procedure', 'with arguments'],
  ['publication', 'name'],
  ['role', 'name'],
  ['routine', 'with arguments'],
  ['rule', 'on table'],
  ['schema', 'name'],
  ['sequence', 'name'],
  ['server', 'name'],
  ['statistics', 'name'],
  ['subscription', 'name'],
  ['table', 'name'],
  ['tablespace', 'name'],
  ['text search configuration', 'name'],
  ['text search dictionary', 'name'],
  ['text search parser', 'name'],
  ['text search template', 'name'],
  ['transform', 'transform'],
  ['trigger', 'on table'],
  ['type', 'name'],
  ['user mapping', 'mapping'],
  ['user', 'name', 'ROLE'],
  ['view', 'name'],
]

/** Reads `TABLE shop.customer`, `FUNCTION f(integer)`, `CONSTRAINT c ON t` and the like; null where none of them stands. */
export function takeObject(reader: TokenReader): ObjectReference | null {
  const found = TYPES.find(([phrase]) => reader.take(phrase))
  if (found === undefined) return null
  const [phrase, style, type = phrase.toUpperCase()] = found
  reader.take('if not exists')
  reader.take('if exists')
  reader.take('only')
  return { type, name: takeNameInStyle(reader, style) }
}

function takeNameInStyle(reader: TokenReader, style: NameStyle): string {
  switch (style) {
    case 'name':
      return named(reader)
    case 'with arguments':
      return `${named(reader)}${argumentsOf(reader)}`
    case 'operator':
      return `${readable(reader.takeOperatorName() ?? '')}${argumentsOf(reader)}`
    case 'using':
      return usingMethod(reader)
    case 'on table':
      return onTable(reader)
    case 'cast':
      return argumentsOf(reader)
    case 'transform':
      return transform(reader)
    case 'mapping':
      return mapping(reader)
  }
}

function named(reader: TokenReader): string {
  return readable(reader.takeName() ?? '')
}

function argumentsOf(reader: TokenReader): string {
  return joined(withoutDefaults(reader.takeParentheses() ?? []))
}

/** Parameters without their defaults, which are expressions that PostgreSQL may print in another way after one load: no part of a name. */
export function withoutDefaults(tokens: readonly Token[]): readonly Token[] {
  let depth = 0
  let inDefault = false
  return tokens.filter(token => {
    if (isWord(token, ')') || isWord(token, ']')) depth--
    if (depth === 0 || (depth === 1 && isWord(token, ','))) inDefault = false
    if (isWord(token, '(') || isWord(token, '[')) depth++
    if (depth === 1 && isWord(token, 'default')) inDefault = true
    return !inDefault
  })
}

function usingMethod(reader: TokenReader): string {
  const name = named(reader)
  return reader.skipPast('using') ? `${name} USING ${named(reader)}` : name
}

/** `shop.customer the_name`; the table comes after the events of a trigger or rule. */
function onTable(reader: TokenReader): string {
  const name = named(reader)
  const isRule = reader.take('as on')
  if (!(isRule ? reader.skipPast('to') : reader.skipPast('on'))) return name
  reader.take('domain')
  reader.take('only')
  return `${named(reader)} ${name}`
}

function transform(reader: TokenReader): string {
  reader.take('for')
  const before = reader.rest()
  const start = reader.position
  if (!reader.skipPast('language')) return ''
  return `${joined(before.slice(0, reader.position - start - 1))} ${named(reader)}`
}

function mapping(reader: TokenReader): string {
  reader.take('for')
  const role = named(reader)
  reader.take('server')
  return `${role} ${named(reader)}`
}
