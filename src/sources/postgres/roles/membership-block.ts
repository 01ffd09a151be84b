import { doBlock } from '../sql/do-block.ts'
import { quoteLiteral } from '../sql/quote.ts'
import type { TokenReader } from '../sql/token-reader.ts'

/** A membership as pg_dumpall writes it: names with their quotation marks, options as they stand behind WITH. */
interface WrittenMembership {
  readonly role: string
  readonly member: string
  readonly options: string
  /** Whether the member inherits rights by an attribute of its own; null where nobody knows. */
  readonly inherits: boolean | null
}

/**
 * A block that gives a membership on a server of any major. Since 16 pg_dumpall always says INHERIT: where that is what the
 * member's own attribute says, it is left out. What remains has no words on older servers (pg_auth_members, whose OID is
 * 1261, has no such column there), which could only give more: the block warns there and gives nothing.
 */
export function membershipBlock({ role, member, options, inherits }: WrittenMembership): string {
  const same = inherits === null ? '' : `INHERIT ${inherits ? 'TRUE' : 'FALSE'}`
  const left = options.split(', ').filter(option => option !== same && option !== '')
  if (left.every(option => option === 'ADMIN OPTION'))
    return doBlock([`  GRANT ${role} TO ${member}${left.length === 0 ? '' : ' WITH ADMIN OPTION'};`])
  const warning = quoteLiteral(`role ${member} was not made a member of ${role}: ${REASON}`)
  return doBlock([
    `  IF NOT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = '1261' AND attname = 'set_option') THEN`,
    `    RAISE WARNING '%', ${warning};`,
    '    RETURN;',
    '  END IF;',
    `  GRANT ${role} TO ${member} WITH ${options};`,
  ])
}

const REASON = 'this server can only give more than the archive says'

/** Reads past what stands before such a GRANT; whether it could. */
export function takeVersionGuard(reader: TokenReader): boolean {
  return (
    reader.take('if not exists ( select from pg_catalog . pg_attribute where attrelid =') &&
    reader.next()?.kind === 'string' &&
    reader.take('and attname =') &&
    reader.next()?.kind === 'string' &&
    reader.take(') then raise warning') &&
    reader.next()?.kind === 'string' &&
    reader.take(',') &&
    reader.next()?.kind === 'string' &&
    reader.take('; return ; end if ;')
  )
}
