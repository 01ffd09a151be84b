import { takeAlteredPart } from './altered-part.ts'
import { takeObject } from './object-reference.ts'
import { joined, readable, TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/** How many bytes of a statement's beginning `identifyStatement` needs. */
export const STATEMENT_IDENTITY_BYTES = 4_096

/** What a statement makes or changes, in words that may leave the pod: names of objects, never data. */
export interface StatementIdentity {
  /**
   * Upper case, as in `pg_restore -l` where it has a word for it: `TABLE`, `CONSTRAINT`, `FK CONSTRAINT`, `DEFAULT`,
   * `GRANT`, `REVOKE`, `OWNER`, `COMMENT`, `SEQUENCE SET`, … `STATEMENT` for what no dump has.
   */
  readonly kind: string
  /** The object as written, a part of it behind a blank: `shop.customer`, `shop.customer customer_pkey`. Empty if there is none. */
  readonly identity: string
}

/** Words between CREATE and the type of the object that say how it is made. */
const MODIFIERS = ['or replace', 'unlogged', 'temporary', 'temp', 'unique', 'trusted', 'default', 'recursive'] as const

const CALLS: Readonly<Record<string, string>> = {
  setval: 'SEQUENCE SET',
  set_config: 'SET',
  lo_create: 'BLOB',
  lo_open: 'BLOB DATA',
  lowrite: 'BLOB DATA',
  lo_close: 'BLOB DATA',
  pg_restore_relation_stats: 'STATISTICS DATA',
  pg_restore_attribute_stats: 'STATISTICS DATA',
}

/** Identifies a statement by its first 4 KiB. Never throws: text that no dump has is a `STATEMENT`. */
export function identifyStatement(head: Buffer): StatementIdentity {
  const reader = new TokenReader(tokensOf(head.subarray(0, STATEMENT_IDENTITY_BYTES)))
  const verb = reader.takeOneOf(['create', 'alter', 'comment on', 'grant', 'revoke', 'security label', 'select', 'do'])
  switch (verb) {
    case 'create':
      return created(reader)
    case 'alter':
      return altered(reader)
    case 'comment on':
      return about('COMMENT', reader)
    case 'grant':
    case 'revoke':
      return { kind: verb.toUpperCase(), identity: wholeRest(reader) }
    case 'security label':
      return labelled(reader)
    case 'select':
      return called(reader)
    case 'do':
      return { kind: 'DO', identity: '' }
    case null:
      return other(reader)
  }
}

function created(reader: TokenReader): StatementIdentity {
  while (reader.takeOneOf(MODIFIERS) !== null);
  if (reader.sees('index')) return index(reader)
  if (reader.sees('operator') && !reader.sees('operator class') && !reader.sees('operator family'))
    return operator(reader)
  const object = takeObject(reader)
  if (object === null) return unknown()
  return { kind: object.type, identity: object.name }
}

/** Here its definition follows, where other statements have its arguments. */
function operator(reader: TokenReader): StatementIdentity {
  reader.take('operator')
  return { kind: 'OPERATOR', identity: readable(reader.takeOperatorName() ?? '') }
}

/** `shop.customer customer_name_idx`, as constraints have it. */
function index(reader: TokenReader): StatementIdentity {
  reader.take('index')
  reader.take('concurrently')
  reader.take('if not exists')
  const name = reader.sees('on') ? '' : readable(reader.takeName() ?? '')
  reader.take('on')
  reader.take('only')
  return { kind: 'INDEX', identity: `${readable(reader.takeName() ?? '')} ${name}`.trim() }
}

function altered(reader: TokenReader): StatementIdentity {
  if (reader.take('default privileges')) return { kind: 'DEFAULT ACL', identity: wholeRest(reader) }
  const object = takeObject(reader)
  if (object === null) return unknown()
  const { kind, part } = takeAlteredPart(reader, object)
  const isRelation = /^(TABLE|FOREIGN TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE)$/.test(object.type)
  const type = kind === 'OWNER' && !isRelation ? `${object.type} ` : ''
  return { kind, identity: `${type}${object.name} ${part}`.trim() }
}

function about(kind: string, reader: TokenReader): StatementIdentity {
  const object = takeObject(reader)
  return { kind, identity: object === null ? '' : `${object.type} ${object.name}` }
}

function labelled(reader: TokenReader): StatementIdentity {
  reader.take('for')
  reader.skipPast('on')
  return about('SECURITY LABEL', reader)
}

function called(reader: TokenReader): StatementIdentity {
  reader.take('* from')
  const name =
    reader
      .takeName()
      ?.replace(/^pg_catalog\./i, '')
      .toLowerCase() ?? ''
  const kind = CALLS[name]
  if (kind === undefined) return unknown()
  const first = reader.takeParentheses()?.[1]
  if (kind === 'SET' || kind === 'STATISTICS DATA' || first === undefined) return { kind, identity: '' }
  return { kind, identity: name === 'lowrite' || name === 'lo_close' ? '' : literalText(first.text) }
}

/** What the literal holds: here it is always a name or a number. */
function literalText(latin1: string): string {
  return readable(latin1.replace(/^'(.*)'$/s, '$1').replaceAll("''", "'"))
}

function other(reader: TokenReader): StatementIdentity {
  if (reader.take('refresh materialized view')) return named('MATERIALIZED VIEW DATA', reader)
  if (reader.take('insert into') || reader.take('copy')) return named('TABLE DATA', reader)
  if (reader.sees('set session authorization') || reader.sees('reset session authorization'))
    return { kind: 'SESSION AUTHORIZATION', identity: '' }
  if (reader.take('set') || reader.take('reset')) return named('SET', reader)
  if (reader.take('begin') || reader.take('commit')) return { kind: 'TRANSACTION', identity: '' }
  return unknown()
}

function named(kind: string, reader: TokenReader): StatementIdentity {
  return { kind, identity: readable(reader.takeName() ?? '') }
}

function wholeRest(reader: TokenReader): string {
  return joined(reader.rest()).replace(/;$/, '')
}

function unknown(): StatementIdentity {
  return { kind: 'STATEMENT', identity: '' }
}
