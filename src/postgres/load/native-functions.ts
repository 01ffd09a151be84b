import { OperatorError } from '../../errors.ts'
import { supportFunctions } from '../../sql/admin-grammar.ts'
import { identifyStatement } from '../../sql/statement-identity.ts'
import { nameParts } from '../../sql/written-name.ts'
import { quoteLiteral } from '../quote.ts'
import type { LoadSession } from './load-session.ts'

/**
 * Throws unless all functions that a language or foreign-data wrapper names are C functions: its validator runs in the
 * session of whoever makes a server, and that is the admin.
 */
export async function requireNativeSupport(admin: LoadSession, statement: Buffer): Promise<void> {
  for (const name of supportFunctions(statement)) {
    const [row] = await admin.run(Buffer.from(question(nameParts(name)), 'latin1'))
    if (row?.[0] === 't') continue
    const { kind, identity } = identifyStatement(statement)
    throw new OperatorError(
      'rights',
      `dump: ${kind} ${identity}: a function of it is no C function; expected one that only a superuser can make`,
      {
        object: identity,
      },
    )
  }
}

function question(parts: readonly string[]): string {
  const [schema, name] = parts.length === 1 ? ['pg_catalog', parts[0]] : parts
  return `SELECT coalesce(pg_catalog.bool_and(l.lanname IN ('c', 'internal')), false)
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE n.nspname = ${quoteLiteral(schema ?? '')} AND p.proname = ${quoteLiteral(name ?? '')}`
}
