import type { StatementIdentity } from './statement-identity.ts'

/**
 * Whether a statement concerns the whole server, or is one of the blocks that this program puts around a dump: roles,
 * membership in them, tablespaces, parameters. They stand in archives of the bash tool, and in those of this program
 * whose manifest is lost, beside the dump; they never come back in the dump of one database.
 */
export function isServerStatement({ kind, identity }: StatementIdentity): boolean {
  switch (kind) {
    case 'DO':
    case 'ROLE':
    case 'ALTER ROLE':
    case 'TABLESPACE':
      return true
    case 'COMMENT':
    case 'SECURITY LABEL':
      return /^(ROLE|TABLESPACE) /.test(identity)
    case 'GRANT':
    case 'REVOKE':
      return !/ ON /.test(identity) || / ON PARAMETER /.test(identity)
    default:
      return false
  }
}
