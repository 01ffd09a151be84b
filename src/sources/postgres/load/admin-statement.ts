import { OperatorError } from '../../../errors.ts'
import { identifyStatement, type StatementIdentity } from '../sql/statement-identity.ts'
import type { Extensions } from './extensions.ts'
import type { LentRights } from './lent-rights.ts'
import type { LoadSession } from './load-session.ts'

export interface AdminContext {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly extensions: Extensions
  readonly lent: LentRights
}

/** Runs a statement of the `admin` route. Rejects with an OperatorError where it could run somebody else's code. */
export async function runAdminStatement(statement: Buffer, context: AdminContext): Promise<void> {
  const { kind, identity } = identifyStatement(statement)
  if (kind === 'EXTENSION' || kind === 'PROCEDURAL LANGUAGE') await requireNoCode(context, { kind, identity })
  if (kind === 'EXTENSION') await context.extensions.make(statement)
  else await context.admin.runOne(statement)
  await context.lent.afterAdmin(statement)
}

/**
 * The script of an extension runs as the admin, and what it calls might then be a function or an operator of the archive
 * (CVE-2018-1058 and its kin). pg_dump writes extensions, and languages that are extensions, before all that could be led
 * into.
 */
async function requireNoCode({ admin, loader }: AdminContext, { kind, identity }: StatementIdentity): Promise<void> {
  if (admin.user === loader.user) return
  const [row] = await admin.run(CODE)
  if (row?.[0] === 'f') return
  throw new OperatorError(
    'rights',
    `dump: ${kind} ${identity}: it comes behind functions, types or tables; expected it before them, as pg_dump writes it`,
    {
      object: identity,
    },
  )
}

/**
 * Whether anything is in this database that a script could meet, of whomever it is: an owner may hand it to a role that
 * leaves no trace in pg_shdepend. What an extension of the admin made is not meant (pg_extension is 3079; to one of his own the
 * loader can add what he likes), nor are the admin's functions, which are old PL/pgSQL's. OIDs below 16384 are of the server
 * itself (access/transam.h).
 */
const CODE = Buffer.from(`
SELECT EXISTS (SELECT FROM (
    SELECT tableoid, oid FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_operator
    UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_cast
    UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_type WHERE typtype IN ('b', 'd', 'e', 'r') AND typelem = '0'
    UNION ALL SELECT t.tableoid, t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_class c ON c.oid = t.typrelid WHERE c.relkind = 'c'
    UNION ALL SELECT tableoid, oid FROM pg_catalog.pg_proc
      WHERE proowner <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user)) o
  WHERE o.oid >= '16384' AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid JOIN pg_catalog.pg_roles r ON r.oid = x.extowner
    WHERE d.classid = o.tableoid AND d.objid = o.oid AND d.refclassid = '3079' AND d.deptype = 'e' AND r.rolname = current_user))`)
