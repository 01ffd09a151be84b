import { randomBytes } from 'node:crypto'
import { Secret } from '../../../config/secret.ts'
import { OperatorError } from '../../../errors.ts'
import type { Connection } from '../connection/connection.ts'
import { scramVerifier } from '../connection/scram-verifier.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { type Marker, markerBeforeOid } from './marker.ts'

/** How the names of all loaders begin. */
export const LOADER_PREFIX = 'backup_loader_'

/** A login role that an archive is loaded as. */
export interface Loader {
  readonly name: string
  readonly oid: number
  readonly password: Secret
}

/**
 * Makes a role for loading one archive: it may log in, has no other right, is a member of nothing, and its name and
 * password are random, so that no archive can name it. From its first moment on it carries the marker, where one is
 * given. An admin who is no superuser becomes a member of it: PostgreSQL lets only members make a database for a role, or
 * give away what it owns. Throws OperatorError('rights') where the admin may not create roles.
 */
export async function createLoader(admin: Connection, marker: Marker | null = null): Promise<Loader> {
  const name = `${LOADER_PREFIX}${randomBytes(12).toString('hex')}`
  const password = randomBytes(24).toString('base64url')
  try {
    await admin.query(createRole(name, scramVerifier(password), marker))
  } catch (error) {
    throw mayNotCreateRoles(error)
  }
  // No other role can have a name of 96 random bits.
  const [row] = await admin.query<{ oid: number }>('SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1', [name])
  if (row === undefined) throw new OperatorError('server', `role ${name}: it was removed at once; expected it to stay`)
  return { name, oid: row.oid, password: new Secret(password) }
}

/** Takes login and password from a role, or does nothing if there is none. Sessions that are open stay. */
export async function shutRole(admin: Connection, oid: number): Promise<void> {
  await admin.query(withRole(oid, ['ALTER ROLE %I NOLOGIN PASSWORD NULL']))
}

/**
 * Removes a role with the rights that it was given on what all databases share, or does nothing if there is none. Rejects
 * with SQLSTATE 2BP01 while it owns something or has rights in another database than that of the session.
 */
export async function dropRole(admin: Connection, oid: number): Promise<void> {
  await admin.query(withRole(oid, ['DROP OWNED BY %I', 'DROP ROLE %I']))
}

/** Statements about the role that has this OID now, in one transaction. */
function withRole(oid: number, statements: readonly string[]): string {
  const executed = statements.map(statement => `    EXECUTE pg_catalog.format(${quoteLiteral(statement)}, named);`)
  return `DO $$
DECLARE
  named pg_catalog.name := (SELECT rolname FROM pg_catalog.pg_roles WHERE oid = '${oid}');
BEGIN
  IF named IS NOT NULL THEN
${executed.join('\n')}
  END IF;
END
$$`
}

/** No load takes that long, and a role that nobody removes is of no use to anybody afterwards. */
const VALID_DAYS = 7

/** One statement, and so one transaction: no role is left behind that its maker may not use, or that nobody knows as ours. */
function createRole(name: string, verifier: string, marker: Marker | null): string {
  const role = quoteIdentifier(name)
  return `DO $$
BEGIN
  EXECUTE pg_catalog.format('CREATE ROLE %I LOGIN PASSWORD %L VALID UNTIL %L', ${quoteLiteral(name)}, ${quoteLiteral(verifier)},
    pg_catalog.now() OPERATOR(pg_catalog.+) pg_catalog.make_interval(days => ${VALID_DAYS}));
  IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
    EXECUTE 'GRANT ${role} TO ' || pg_catalog.quote_ident(current_user);
  END IF;
${marker === null ? '' : comment(name, marker)}END
$$`
}

function comment(name: string, marker: Marker): string {
  return `  EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', ${quoteLiteral(name)}, pg_catalog.concat(${quoteLiteral(markerBeforeOid(marker))},
    (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(name)})));
`
}

function mayNotCreateRoles(error: unknown): unknown {
  if (!(error instanceof OperatorError) || error.sqlstate !== '42501') return error
  return new OperatorError('rights', "the admin's role: it may not create roles; expected a superuser, or CREATEROLE", {
    hint: 'ALTER ROLE … CREATEROLE, or name a superuser in <HOST>_ADMIN_USER',
    sqlstate: '42501',
    logOnly: error.logOnly,
  })
}
