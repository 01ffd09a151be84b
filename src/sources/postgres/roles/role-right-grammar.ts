import { takeExactGrantee, takeExactName } from '../sql/exact-tokens.ts'
import type { TokenReader } from '../sql/token-reader.ts'
import type { RecordedMembership, RecordedParameterRight } from './recorded-roles.ts'

/** What a GRANT of pg_dumpall says. Texts have one character per byte. */
export type RightStatement =
  | { readonly kind: 'membership'; readonly membership: RecordedMembership }
  | { readonly kind: 'parameter'; readonly right: RecordedParameterRight }

/** Reads what stands between GRANT and the semicolon, for a role or for a parameter; null for all other text. */
export function takeGrant(reader: TokenReader): RightStatement | null {
  const privileges = PARAMETER_RIGHTS[reader.takeOneOf(Object.keys(PARAMETER_RIGHTS)) ?? '']
  return privileges === undefined ? takeMembership(reader) : takeParameterRight(reader, privileges)
}

function takeMembership(reader: TokenReader): RightStatement | null {
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
): RightStatement | null {
  const parameter = takeExactName(reader)
  const grantee = reader.take('to') ? takeExactGrantee(reader) : undefined
  if (parameter === null || grantee === undefined) return null
  const grantable = reader.take('with grant option')
  return { kind: 'parameter', right: { parameter, grantee, privileges, grantable } }
}
