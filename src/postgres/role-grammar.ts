import { takeExactInteger, takeExactLiteral, takeExactName } from '../sql/exact-tokens.ts'
import type { TokenReader } from '../sql/token-reader.ts'
import type { RecordedMembership, RecordedParameterRight, RecordedRole } from './recorded-roles.ts'
import { takeSetting } from './setting-value.ts'

/** The attributes that CREATE ROLE and ALTER ROLE give; those that are not named are not in it. */
export type RoleAttributes = Partial<
  Pick<
    RecordedRole,
    | 'superuser'
    | 'inherit'
    | 'createRole'
    | 'createDb'
    | 'login'
    | 'replication'
    | 'bypassRls'
    | 'connectionLimit'
    | 'validUntil'
  >
>

/** What one statement says of roles. Texts have one character per byte. */
export type RoleStatement =
  | { readonly kind: 'create' | 'alter'; readonly role: string; readonly attributes: RoleAttributes }
  | { readonly kind: 'setting'; readonly role: string; readonly setting: RecordedRole['settings'][number] }
  | { readonly kind: 'comment'; readonly role: string; readonly comment: string }
  | { readonly kind: 'label'; readonly role: string; readonly label: RecordedRole['labels'][number] }
  | { readonly kind: 'membership'; readonly membership: RecordedMembership }
  | { readonly kind: 'parameter'; readonly right: RecordedParameterRight }
  /** Belongs to every such script, and says nothing of a role. */
  | { readonly kind: 'frame' }

/**
 * Reads one statement, its semicolon included, as `pg_dumpall --roles-only` of 9.6 to 18 writes it, and nothing else:
 * null for all other text, of which some may have been taken. Passwords are read past and forgotten.
 */
export function takeRoleStatement(reader: TokenReader): RoleStatement | null {
  const statement = takeStatement(reader)
  return statement !== null && reader.take(';') ? statement : null
}

const BEGINNINGS = [
  'create role',
  'alter role',
  'comment on role',
  'security label for',
  'grant',
  'revoke all on parameter',
  'set',
  'reset session authorization',
] as const

function takeStatement(reader: TokenReader): RoleStatement | null {
  const beginning = reader.takeOneOf(BEGINNINGS)
  switch (beginning) {
    case 'create role':
      return takeCreate(reader)
    case 'alter role':
      return takeAlter(reader)
    case 'comment on role':
      return takeComment(reader)
    case 'security label for':
      return takeLabel(reader)
    case 'grant':
      return takeGrant(reader)
    case 'revoke all on parameter':
      return takeExactName(reader) !== null && reader.take('from') && takeGrantee(reader) !== undefined ? FRAME : null
    case 'set':
      return takeSessionSetting(reader)
    case 'reset session authorization':
      return FRAME
    case null:
      return null
  }
}

const FRAME: RoleStatement = { kind: 'frame' }

function takeCreate(reader: TokenReader): RoleStatement | null {
  const role = takeExactName(reader)
  if (role === null) return null
  const attributes = reader.take('with') ? takeAttributes(reader) : {}
  return attributes === null ? null : { kind: 'create', role, attributes }
}

function takeAlter(reader: TokenReader): RoleStatement | null {
  const role = takeExactName(reader)
  if (role === null) return null
  if (reader.take('set')) {
    const setting = takeSetting(reader)
    return setting === null ? null : { kind: 'setting', role, setting }
  }
  const attributes = reader.take('with') ? takeAttributes(reader) : null
  return attributes === null ? null : { kind: 'alter', role, attributes }
}

const FLAGS: Readonly<Record<string, RoleAttributes>> = {
  superuser: { superuser: true },
  nosuperuser: { superuser: false },
  inherit: { inherit: true },
  noinherit: { inherit: false },
  createrole: { createRole: true },
  nocreaterole: { createRole: false },
  createdb: { createDb: true },
  nocreatedb: { createDb: false },
  login: { login: true },
  nologin: { login: false },
  replication: { replication: true },
  noreplication: { replication: false },
  bypassrls: { bypassRls: true },
  nobypassrls: { bypassRls: false },
}

function takeAttributes(reader: TokenReader): RoleAttributes | null {
  let attributes: RoleAttributes = {}
  while (!reader.sees(';')) {
    const taken = takeAttribute(reader)
    if (taken === null) return null
    attributes = { ...attributes, ...taken }
  }
  return attributes
}

function takeAttribute(reader: TokenReader): RoleAttributes | null {
  if (reader.take('connection limit')) {
    const connectionLimit = takeExactInteger(reader)
    return connectionLimit === null ? null : { connectionLimit }
  }
  if (reader.take('valid until')) {
    const validUntil = takeExactLiteral(reader)
    return validUntil === null ? null : { validUntil }
  }
  if (reader.take('password') || reader.take('encrypted password'))
    return reader.take('null') || reader.next()?.kind === 'string' ? {} : null
  const flag = reader.takeOneOf(Object.keys(FLAGS))
  return flag === null ? null : (FLAGS[flag] ?? null)
}

function takeComment(reader: TokenReader): RoleStatement | null {
  const role = takeExactName(reader)
  const comment = reader.take('is') ? takeExactLiteral(reader) : null
  return role === null || comment === null ? null : { kind: 'comment', role, comment }
}

function takeLabel(reader: TokenReader): RoleStatement | null {
  const provider = takeExactName(reader)
  const role = reader.take('on role') ? takeExactName(reader) : null
  const label = reader.take('is') ? takeExactLiteral(reader) : null
  if (provider === null || role === null || label === null) return null
  return { kind: 'label', role, label: { provider, label } }
}

function takeGrant(reader: TokenReader): RoleStatement | null {
  const privileges = PARAMETER_RIGHTS[reader.takeOneOf(Object.keys(PARAMETER_RIGHTS)) ?? '']
  return privileges === undefined ? takeMembership(reader) : takeParameterRight(reader, privileges)
}

function takeMembership(reader: TokenReader): RoleStatement | null {
  const role = takeExactName(reader)
  const member = reader.take('to') ? takeExactName(reader) : null
  if (role === null || member === null) return null
  const options = reader.take('with') ? takeOptions(reader) : {}
  const grantor = reader.take('granted by') ? takeExactName(reader) : null
  if (options === null) return null
  const membership = { role, member, admin: false, inherit: null, set: true, ...options, grantor }
  return { kind: 'membership', membership }
}

const OPTIONS: Readonly<Record<string, Partial<RecordedMembership>>> = {
  'admin option': { admin: true },
  'inherit true': { inherit: true },
  'inherit false': { inherit: false },
  'set true': { set: true },
  'set false': { set: false },
}

function takeOptions(reader: TokenReader): Partial<RecordedMembership> | null {
  let options: Partial<RecordedMembership> = {}
  do {
    const option = reader.takeOneOf(Object.keys(OPTIONS))
    if (option === null) return null
    options = { ...options, ...OPTIONS[option] }
  } while (reader.take(','))
  return options
}

const PARAMETER_RIGHTS: Readonly<Record<string, RecordedParameterRight['privileges']>> = {
  'all on parameter': ['SET', 'ALTER SYSTEM'],
  'set , alter system on parameter': ['SET', 'ALTER SYSTEM'],
  'set on parameter': ['SET'],
  'alter system on parameter': ['ALTER SYSTEM'],
}

function takeParameterRight(
  reader: TokenReader,
  privileges: RecordedParameterRight['privileges'],
): RoleStatement | null {
  const parameter = takeExactName(reader)
  const grantee = reader.take('to') ? takeGrantee(reader) : undefined
  if (parameter === null || grantee === undefined) return null
  const grantable = reader.take('with grant option')
  return { kind: 'parameter', right: { parameter, grantee, privileges, grantable } }
}

/** Null is PUBLIC; undefined is nobody. */
function takeGrantee(reader: TokenReader): string | null | undefined {
  return reader.take('public') ? null : (takeExactName(reader) ?? undefined)
}

const SESSION = [
  'client_encoding =',
  'default_transaction_read_only =',
  'escape_string_warning =',
  'standard_conforming_strings =',
] as const

function takeSessionSetting(reader: TokenReader): RoleStatement | null {
  if (reader.take('session authorization')) return takeExactName(reader) === null ? null : FRAME
  if (reader.takeOneOf(SESSION) === null) return null
  return reader.take('on') || reader.take('off') || takeExactLiteral(reader) !== null ? FRAME : null
}
