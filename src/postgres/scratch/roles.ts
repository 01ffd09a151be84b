import type { Connection } from '../connection.ts'
import { quoteIdentifier, quoteLiteral } from '../quote.ts'
import { refuseForeignRoles } from './roles-script.ts'

export interface ScratchRoles {
  /** The roles part of an archive; null if it has none. */
  readonly text: string | null
  /** Further roles that have to be there; they are made where they are missing. */
  readonly names: Iterable<string>
  /** Loaders, which go on being allowed to log in. */
  readonly keep: readonly string[]
}

/**
 * Makes the roles of an archive on a scratch server, in one transaction at whose end none of them may do anything: not
 * log in, nor what a superuser, or a member of one of PostgreSQL's own roles, may. Throws OperatorError('incomplete') for
 * a roles part that is not one of ours, before any of it runs; and what the server says.
 */
export async function makeScratchRoles(admin: Connection, roles: ScratchRoles): Promise<void> {
  if (roles.text !== null) refuseForeignRoles(roles.text)
  await admin.query('BEGIN')
  try {
    if (roles.text !== null) await admin.query(roles.text)
    for (const name of new Set(roles.names)) await createIfMissing(admin, name)
    await admin.query(disarm(roles.keep))
    await admin.query('COMMIT')
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => {})
    throw error
  }
}

async function createIfMissing(admin: Connection, name: string): Promise<void> {
  const [found] = await admin.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [name])
  if (found === undefined) await admin.query(`CREATE ROLE ${quoteIdentifier(name)} NOLOGIN`)
}

/** PostgreSQL's own roles, and the superuser of this server, have the OIDs below 16384 (access/transam.h). */
function disarm(keep: readonly string[]): string {
  const kept = `ARRAY[${keep.map(quoteLiteral).join(', ')}]::name[]`
  return `DO $disarm$
DECLARE found record;
BEGIN
  FOR found IN SELECT rolname FROM pg_catalog.pg_roles WHERE oid >= 16384 AND rolname <> ALL (${kept})
      AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication OR rolbypassrls) LOOP
    EXECUTE pg_catalog.format('ALTER ROLE %I NOSUPERUSER NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS', found.rolname);
  END LOOP;
  FOR found IN SELECT g.rolname AS granted, m.rolname AS member FROM pg_catalog.pg_auth_members a
      JOIN pg_catalog.pg_roles g ON g.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
      WHERE a.roleid < 16384 AND a.member >= 16384 LOOP
    EXECUTE pg_catalog.format('REVOKE %I FROM %I', found.granted, found.member);
  END LOOP;
END
$disarm$`
}
