import {
  isBaseType,
  isInertWrapper,
  isLanguageByName,
  isNativeAggregate,
  isNativeFunction,
  isOldPlpgsql,
  isPlainOwnerChange,
  isUnconnectedSubscription,
} from './admin-grammar.ts'
import { takeAlteredPart } from './altered-part.ts'
import { takeObject } from './object-reference.ts'
import { emptiesSearchPath, sessionSetting } from './session-settings.ts'
import { STATEMENT_IDENTITY_BYTES } from './statement-identity.ts'
import { TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/**
 * Who runs a statement of an archive, and when. What is not known is for the loader, who may do nothing outside of what
 * it made itself.
 *
 * - `both`: a setting of the session, for every session of the load
 * - `loader`: in its place; `late`: by the loader when all the rest is loaded, because it names roles
 * - `admin`: in its place; the explicit list of what only an admin may make, calls nothing, and leads nothing of ours anywhere:
 *   extensions that the server offers, foreign servers, wrappers without functions, unconnected subscriptions
 * - `superuser`: only a superuser may make it, and code of the archive or of a library would run through it: by nobody, unless
 *   a person asks for it
 * - `mapping`: by the admin when all is loaded, because it names a role; the server calls the validator of an extension, so
 *   that nothing may have been given away before
 * - `deferred`: by the admin after everything: owners, rights, comments, and the changes of session around rights
 * - `last`: by the admin behind those: event triggers, after which nothing may be made any more
 * - `parallel`: by the loader, independent of the same of other tables
 * - `sequence-value`, `large-object`, `transaction`: by the loader, in their place
 * - `server`: concerns the whole server, not this database: roles, tablespaces, databases, parameters
 * - `refused`: what may be run by nobody: a subscription that would connect
 */
export type StatementRoute =
  | 'both'
  | 'loader'
  | 'late'
  | 'admin'
  | 'superuser'
  | 'mapping'
  | 'deferred'
  | 'last'
  | 'parallel'
  | 'sequence-value'
  | 'large-object'
  | 'transaction'
  | 'server'
  | 'refused'

/** The route of a whole statement. */
export function routeStatement(statement: Buffer): StatementRoute {
  const reader = new TokenReader(tokensOf(statement.subarray(0, STATEMENT_IDENTITY_BYTES)))
  const verb = reader.takeOneOf([
    'create',
    'alter',
    'grant',
    'revoke',
    'comment on',
    'security label',
    'select',
    'set',
    'reset session authorization',
    'begin ;',
    'commit ;',
  ])
  switch (verb) {
    case 'create':
      return routeOfCreate(reader, statement)
    case 'alter':
      return routeOfAlter(reader, statement)
    case 'grant':
    case 'revoke':
      return routeOfRight(reader)
    case 'comment on':
      return routeOfRemark(reader)
    case 'security label':
      return reader.skipPast('on') ? routeOfRemark(reader) : 'loader'
    case 'select':
      return routeOfCall(reader, statement)
    case 'set':
      return routeOfSet(reader, statement)
    case 'reset session authorization':
      return 'deferred'
    case 'begin ;':
    case 'commit ;':
      return 'transaction'
    case null:
      return 'loader'
  }
}

/** What a server has outside its databases. */
const OF_THE_SERVER = ['database', 'group', 'parameter', 'role', 'tablespace', 'user'] as const

const OF_SUPERUSERS = [
  'access method',
  'operator class',
  'operator family',
  'text search parser',
  'text search template',
] as const

function routeOfCreate(reader: TokenReader, statement: Buffer): StatementRoute {
  reader.take('or replace')
  reader.take('trusted')
  if (reader.take('database')) return 'refused'
  if (reader.take('user mapping')) return 'mapping'
  if (reader.takeOneOf(['extension', 'server']) !== null) return 'admin'
  if (reader.takeOneOf(OF_SUPERUSERS) !== null) return 'superuser'
  if (reader.take('foreign data wrapper')) return isInertWrapper(statement) ? 'admin' : 'superuser'
  if (reader.takeOneOf(['language', 'procedural language']) !== null)
    return isLanguageByName(statement) ? 'admin' : 'superuser'
  if (reader.takeOneOf(OF_THE_SERVER) !== null) return 'server'
  if (reader.take('event trigger')) return 'last'
  if (reader.take('policy')) return 'late'
  if (reader.take('index') || reader.take('unique index')) return 'parallel'
  if (reader.take('subscription')) return isUnconnectedSubscription(statement) ? 'admin' : 'refused'
  return routeOfCode(reader, statement)
}

function routeOfCode(reader: TokenReader, statement: Buffer): StatementRoute {
  if (reader.sees('type')) return isBaseType(statement) ? 'superuser' : 'loader'
  if (reader.sees('aggregate')) return isNativeAggregate(statement) ? 'superuser' : 'loader'
  if (!reader.sees('function') && !reader.sees('procedure')) return 'loader'
  if (!isNativeFunction(statement)) return 'loader'
  return isOldPlpgsql(statement) ? 'admin' : 'superuser'
}

function routeOfAlter(reader: TokenReader, statement: Buffer): StatementRoute {
  if (reader.take('default privileges')) return 'deferred'
  if (reader.takeOneOf(OF_THE_SERVER) !== null) return 'server'
  if (reader.take('event trigger')) return 'last'
  if (isPlainOwnerChange(statement)) return 'deferred'
  if (reader.take('subscription')) return 'refused'
  const object = takeObject(reader)
  if (object?.type === 'OPERATOR FAMILY') return reader.sees('add') ? 'superuser' : 'loader'
  if (object?.type !== 'TABLE') return 'loader'
  return routeOfTableChange(reader)
}

/** Keys and unique constraints, and what depends on their index alone. */
function routeOfTableChange(reader: TokenReader): StatementRoute {
  // The other forms need no index and stand before the rows.
  const usesIndex = reader.sees('replica identity using index')
  const { kind } = takeAlteredPart(reader, { type: 'TABLE', name: '' })
  if (kind === 'CLUSTER' || usesIndex) return 'parallel'
  if (kind === 'ROW SECURITY') return 'late'
  if (kind !== 'CONSTRAINT') return 'loader'
  return ['primary key', 'unique', 'exclude'].some(phrase => reader.sees(phrase)) ? 'parallel' : 'loader'
}

function routeOfRight(reader: TokenReader): StatementRoute {
  // Without an object it is membership in a role.
  if (!reader.skipPast('on')) return 'server'
  return reader.takeOneOf(OF_THE_SERVER) === null ? 'deferred' : 'server'
}

function routeOfRemark(reader: TokenReader): StatementRoute {
  if (reader.take('event trigger')) return 'last'
  return reader.takeOneOf(OF_THE_SERVER) === null ? 'deferred' : 'server'
}

const VALUE = /^SELECT pg_catalog\.setval\('(?:[^'\\]|'')*', -?\d+, (?:true|false)\);$/

function routeOfCall(reader: TokenReader, statement: Buffer): StatementRoute {
  const name = reader.takeName()
  if (name === 'pg_catalog.set_config') return emptiesSearchPath(statement) ? 'both' : 'loader'
  if (name === 'pg_catalog.setval') return VALUE.test(statement.toString('latin1')) ? 'sequence-value' : 'loader'
  return /^pg_catalog\.(lo_open|lowrite|lo_close)$/.test(name ?? '') ? 'large-object' : 'loader'
}

function routeOfSet(reader: TokenReader, statement: Buffer): StatementRoute {
  if (reader.take('session authorization')) return 'deferred'
  return sessionSetting(statement) === null ? 'loader' : 'both'
}
