import { randomBytes } from 'node:crypto'
import { Secret } from '../config/secret.ts'
import { OperatorError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { quoteIdentifier, quoteLiteral } from './quote.ts'
import { scramVerifier } from './scram-verifier.ts'

/** How the names of all loaders begin, so that one which a killed run left on a server can be told from other roles. */
export const LOADER_PREFIX = 'backup_loader_'

/** A login role that an archive is loaded as. */
export interface Loader {
  readonly name: string
  readonly password: Secret
}

/**
 * Makes a role for loading one archive: it may log in, has no other right, is a member of nothing, and its name and
 * password are random, so that no archive can name it. An admin who is no superuser becomes a member of it: PostgreSQL
 * lets only members make a database for a role, or give away what it owns. Throws OperatorError('rights') where the
 * admin may not create roles.
 */
export async function createLoader(admin: Connection): Promise<Loader> {
  const name = `${LOADER_PREFIX}${randomBytes(12).toString('hex')}`
  const password = randomBytes(24).toString('base64url')
  try {
    await admin.query(createRole(name, scramVerifier(password)))
  } catch (error) {
    throw mayNotCreateRoles(error)
  }
  return { name, password: new Secret(password) }
}

/** Removes a role, or does nothing if there is none. Rejects with SQLSTATE 2BP01 while it owns something or has rights. */
export async function dropRole(admin: Connection, name: string): Promise<void> {
  await admin.query(`DROP ROLE IF EXISTS ${quoteIdentifier(name)}`)
}

/** One statement, and so one transaction: no role is left behind that its maker may not use. */
function createRole(name: string, verifier: string): string {
  const role = quoteIdentifier(name)
  return `DO $$
BEGIN
  CREATE ROLE ${role} LOGIN PASSWORD ${quoteLiteral(verifier)};
  IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    EXECUTE 'GRANT ${role} TO ' || pg_catalog.quote_ident(current_user);
  END IF;
END
$$`
}

function mayNotCreateRoles(error: unknown): unknown {
  if (!(error instanceof OperatorError) || error.sqlstate !== '42501') return error
  return new OperatorError('rights', "the admin's role: it may not create roles; expected a superuser, or CREATEROLE", {
    hint: 'ALTER ROLE … CREATEROLE, or name a superuser in <HOST>_ADMIN_USER',
    sqlstate: '42501',
    logOnly: error.logOnly,
  })
}
