import { OperatorError } from '../../errors.ts'
import { createdExtension } from '../../sql/admin-grammar.ts'
import { identifyStatement } from '../../sql/statement-identity.ts'
import { quoteLiteral } from '../quote.ts'
import type { ExtensionRelations } from './extension-relations.ts'
import type { LentRights } from './lent-rights.ts'
import type { LoadSession } from './load-session.ts'
import { requireNativeSupport } from './native-functions.ts'

export interface AdminContext {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly relations: ExtensionRelations
  readonly lent: LentRights
  /** Functions of the archive were made that the admin owns. */
  readonly hasOtherCode: boolean
}

/** Runs a statement of the `admin` route. Rejects with an OperatorError where it could run somebody else's code. */
export async function runAdminStatement(statement: Buffer, context: AdminContext): Promise<void> {
  const { kind, identity } = identifyStatement(statement)
  if (kind === 'EXTENSION') await requireNoCode(context, identity)
  if (kind === 'PROCEDURAL LANGUAGE' || kind === 'FOREIGN DATA WRAPPER')
    await requireNativeSupport(context.admin, statement)
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
 * (CVE-2018-1058 and its kin). pg_dump writes extensions before functions.
 */
async function requireNoCode({ admin, loader, hasOtherCode }: AdminContext, extension: string): Promise<void> {
  if (admin.user === loader.user) return
  const [row] = await admin.run(Buffer.from(codeOf(loader.user), 'utf8'))
  if (row?.[0] === 'f' && !hasOtherCode) return
  throw new OperatorError(
    'rights',
    `dump: EXTENSION ${extension}: it comes behind functions or operators; expected extensions before them, as pg_dump writes it`,
    {
      object: extension,
    },
  )
}

function codeOf(role: string): string {
  const owner = `(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(role)})`
  return `SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proowner = ${owner})
OR EXISTS (SELECT FROM pg_catalog.pg_operator WHERE oprowner = ${owner})`
}
