import { OperatorError } from '../../errors.ts'
import { createdExtension } from '../../sql/admin-grammar.ts'
import { identifyStatement, type StatementIdentity } from '../../sql/statement-identity.ts'
import { quoteLiteral } from '../quote.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import type { LentRights } from './lent-rights.ts'
import type { LoadSession } from './load-session.ts'

export interface AdminContext {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  readonly lent: LentRights
}

/** Runs a statement of the `admin` route. Rejects with an OperatorError where it could run somebody else's code. */
export async function runAdminStatement(statement: Buffer, context: AdminContext): Promise<void> {
  const { kind, identity } = identifyStatement(statement)
  if (kind === 'EXTENSION' || kind === 'PROCEDURAL LANGUAGE') await requireNoCode(context, { kind, identity })
  await context.admin.runOne(statement)
  if (kind === 'EXTENSION') await afterExtension(statement, context)
  await context.lent.afterAdmin(statement)
}

/** An extension brings a comment, which the source may have dropped; the archive says nothing of that, else its own. */
async function afterExtension(statement: Buffer, { admin, relations }: AdminContext): Promise<void> {
  relations.changed()
  const name = createdExtension(statement)
  if (admin.isSuperuser && name !== null)
    await admin.runOne(Buffer.from(`COMMENT ON EXTENSION ${name} IS NULL`, 'latin1'))
}

/**
 * The script of an extension runs as the admin, and what it calls might then be a function or an operator of the archive
 * (CVE-2018-1058 and its kin). pg_dump writes extensions, and languages that are extensions, before all that could be led
 * into.
 */
async function requireNoCode({ admin, loader }: AdminContext, { kind, identity }: StatementIdentity): Promise<void> {
  if (admin.user === loader.user) return
  const [row] = await admin.run(Buffer.from(possessionsOf(loader.user), 'utf8'))
  if (row?.[0] === 'f') return
  throw new OperatorError(
    'rights',
    `dump: ${kind} ${identity}: it comes behind functions, types or tables; expected it before them, as pg_dump writes it`,
    {
      object: identity,
    },
  )
}

/** Whether a role owns anything in this database but schemas, collations and what is to be published. */
function possessionsOf(role: string): string {
  return `SELECT EXISTS (SELECT FROM pg_catalog.pg_shdepend d JOIN pg_catalog.pg_class c ON c.oid = d.classid
WHERE d.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(role)}) AND d.deptype = 'o'
AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
AND c.relname NOT IN ('pg_namespace', 'pg_collation', 'pg_publication'))`
}
