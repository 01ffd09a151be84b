import { takeSetting } from '../database/setting-value.ts'
import { takeExactGrantee, takeExactInteger, takeExactLiteral, takeExactName } from '../sql/exact-tokens.ts'
import type { TokenReader } from '../sql/token-reader.ts'
import type { RecordedRole } from './recorded-roles.ts'
import { type RightStatement, takeGrant } from './role-right-grammar.ts'

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
  | RightStatement
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
      return takeExactName(reader) !== null && reader.take('from') && takeExactGrantee(reader) !== undefined
        ? FRAME
        : null
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

const SESSION = [
  'check_function_bodies =',
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
