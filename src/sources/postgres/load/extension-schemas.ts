import { OperatorError } from '../../../errors.ts'
import { madeRelation, schemaOfMade } from '../sql/made-relation.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { readable } from '../sql/token-reader.ts'
import type { LentRights } from './lent-rights.ts'
import type { LoadSession } from './load-session.ts'

const NO_RELATION =
  'it lies in a schema that an extension brought, whose functions would find it: not made there, since code of the archive could get the rights of who calls them by it'

interface SchemasInput {
  readonly admin: LoadSession
  readonly loader: LoadSession
  readonly lent: LentRights
  /** A person trusts the archive as the target. */
  readonly isTrusted: boolean
}

/**
 * Lets tables, sequences and views be made in the schemas of extensions (hypertables have their chunks there), which the
 * admin owns: CREATE is lent until all of the loader's work is done, since each index asks for it too. Code of the archive
 * has it as well for so long. What it makes there would be found by functions of the extension later on; so a routine, an
 * operator or a type that is there at the end ends the load.
 */
export class ExtensionSchemas {
  readonly #input: SchemasInput
  readonly #lent = new Set<string>()

  constructor(input: SchemasInput) {
    this.#input = input
  }

  /** `lent`: it is worth trying once more. Null: it is nothing that is made in a schema of an extension, or was lent before. */
  async lendFor(statement: Buffer): Promise<'lent' | { readonly withheld: string } | null> {
    const schema = schemaOfMade(statement)
    if (schema === null || this.#lent.has(schema) || !(await this.#isOfExtension(schema))) return null
    if (!this.#input.isTrusted && madeRelation(statement) === null) return { withheld: NO_RELATION }
    await this.#input.lent.lendCreate(schema)
    this.#lent.add(schema)
    return 'lent'
  }

  /** To be called when the loader's work is done. Throws an OperatorError (`rights`) where more than relations was made. */
  async requireRelationsOnly(): Promise<void> {
    if (this.#input.isTrusted) return
    for (const schema of this.#lent) {
      const [row] = await this.#input.admin.run(latin1(OTHERS_IN(quoteLiteral(schema))))
      if (row?.[0] !== 't') continue
      throw new OperatorError(
        'rights',
        `dump: schema ${readable(schema)}: it is of an extension, and code of the archive has made a routine, an operator or a type in it; expected tables, sequences and views only`,
        {
          object: readable(schema),
          sqlstate: '42501',
          hint: 'a restore with --with-superuser-objects lets it be there',
        },
      )
    }
  }

  async #isOfExtension(schema: string): Promise<boolean> {
    const { admin, loader } = this.#input
    const [row] = await admin.run(latin1(OF_EXTENSION(quoteLiteral(schema), quoteLiteral(loader.user))))
    return row?.[0] === 't'
  }
}

/**
 * A schema of the admin's that belongs to an extension, by the fixed OIDs of pg_namespace and pg_extension. Not one that the
 * loader may not use: functions in it may rely on that nobody else gets there.
 */
const OF_EXTENSION = (schema: string, loader: string): string => `
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_depend d ON d.objid = n.oid
  JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
WHERE n.nspname = ${schema} AND d.classid = '2615' AND d.refclassid = '3079' AND d.deptype = 'e' AND r.rolname = current_user
  AND pg_catalog.has_schema_privilege(${loader}, n.oid, 'USAGE'))`

/** What calls could find: routines, operators, conversions, collations, and types but those of relations and their arrays. */
const OTHERS_IN = (schema: string): string => `
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n JOIN (
    SELECT tableoid, oid, pronamespace AS namespace FROM pg_catalog.pg_proc
    UNION ALL SELECT tableoid, oid, oprnamespace FROM pg_catalog.pg_operator
    UNION ALL SELECT tableoid, oid, connamespace FROM pg_catalog.pg_conversion
    UNION ALL SELECT tableoid, oid, collnamespace FROM pg_catalog.pg_collation
    UNION ALL SELECT tableoid, oid, typnamespace FROM pg_catalog.pg_type WHERE typtype IN ('d', 'e', 'm', 'r') OR typtype = 'b' AND typelem = '0'
    UNION ALL SELECT tableoid, oid, relnamespace FROM pg_catalog.pg_class WHERE relkind = 'c') o ON o.namespace = n.oid
  WHERE n.nspname = ${schema} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = o.tableoid AND d.objid = o.oid AND d.refclassid = '3079' AND d.deptype = 'e'))`

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
