import { type RightsThere, rightKey } from '../fingerprint/same-rights.ts'
import { readable } from '../sql/token-reader.ts'
import { objectText } from '../sql/written-right.ts'
import { type CopyOutSession, openCopyOut } from './copy-out.ts'
import type { LoadedDatabase } from './dump-back.ts'

/** A type of object that extensions make and rights are given on; `o` is its row in its catalog. */
interface ObjectType {
  readonly type: string
  /** The catalog's OID, its name, and the beginning of its columns' names. */
  readonly oid: string
  readonly catalog: string
  readonly prefix: string
  /** As `acldefault` wants it. */
  readonly acl: string
  readonly schema: string | null
  readonly only?: string
  /** Behind the name. */
  readonly signature?: string
}

const RELATION = { oid: '1259', catalog: 'pg_class', prefix: 'rel', schema: 'o.relnamespace' }
const ROUTINE = {
  ...{ oid: '1255', catalog: 'pg_proc', prefix: 'pro', acl: 'f', schema: 'o.pronamespace' },
  signature: 'pg_catalog.pg_get_function_identity_arguments(o.oid)',
}

const TYPES: readonly ObjectType[] = [
  { type: 'TABLE', ...RELATION, acl: 'r', only: "o.relkind <> 'S'" },
  { type: 'SEQUENCE', ...RELATION, acl: 's', only: "o.relkind = 'S'" },
  // No function has the name and the arguments of a procedure.
  { type: 'FUNCTION', ...ROUTINE },
  { type: 'PROCEDURE', ...ROUTINE },
  { type: 'SCHEMA', oid: '2615', catalog: 'pg_namespace', prefix: 'nsp', acl: 'n', schema: null },
  { type: 'TYPE', oid: '1247', catalog: 'pg_type', prefix: 'typ', acl: 'T', schema: 'o.typnamespace' },
]

/** What an extension has made, or given rights on while it was made. */
function isOfExtension(oid: string): string {
  return `(EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = '${oid}' AND d.objid = o.oid AND d.deptype = 'e')
 OR EXISTS (SELECT FROM pg_catalog.pg_init_privs i WHERE i.classoid = '${oid}' AND i.objoid = o.oid AND i.privtype = 'e'))`
}

const GRANTEE = "CASE WHEN a.grantee = '0' THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END"

function rightsQuery({ oid, catalog, prefix, acl, schema, only = 'TRUE', signature = 'NULL' }: ObjectType): string {
  return `
SELECT ${schema === null ? 'NULL' : 'pg_catalog.quote_ident(n.nspname)'}, pg_catalog.quote_ident(o.${prefix}name), ${signature},
  a.privilege_type, ${GRANTEE}, a.is_grantable
FROM pg_catalog.${catalog} o LEFT JOIN pg_catalog.pg_namespace n ON n.oid = ${schema ?? 'NULL'}
  LEFT JOIN LATERAL pg_catalog.aclexplode(COALESCE(o.${prefix}acl, pg_catalog.acldefault('${acl}', o.${prefix}owner))) a ON TRUE
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE ${only} AND ${isOfExtension(oid)}`
}

const COLUMN_RIGHTS = `
SELECT pg_catalog.quote_ident(n.nspname), pg_catalog.quote_ident(o.relname), pg_catalog.quote_ident(c.attname),
  a.privilege_type, ${GRANTEE}, a.is_grantable
FROM pg_catalog.pg_class o JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
  JOIN pg_catalog.pg_attribute c ON c.attrelid = o.oid CROSS JOIN LATERAL pg_catalog.aclexplode(c.attacl) a
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
WHERE ${isOfExtension('1259')}`

/** What the owner of an object may do: all that can be. (10 is whoever has made the server.) */
function allOf(acl: string): string {
  return `SELECT a.privilege_type FROM pg_catalog.aclexplode(pg_catalog.acldefault('${acl}', '10')) a WHERE a.grantee = '10'`
}

const ALL_OF_COLUMN = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']

/**
 * The rights on those of these objects that are of an extension: what extensions make belongs to whoever restores, since
 * pg_dump keeps no owner of it, so that it writes the same rights by other statements.
 */
export async function rightsOfMembers(
  loaded: LoadedDatabase,
  objects: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RightsThere>> {
  if (objects.size === 0) return new Map()
  await using session = await openCopyOut(loaded.target, loaded, signal)
  const found = new Map<string, RightsThere & { readonly rights: Map<string, boolean> }>()
  for (const type of TYPES) {
    const all = await firstColumn(session, allOf(type.acl))
    for (const [schema, name, signature, ...right] of await session.values(rightsQuery(type))) {
      const object = objectText(type.type, nameOf(schema, name, signature))
      if (!objects.has(object)) continue
      const there = found.get(object) ?? { all, allOfColumn: ALL_OF_COLUMN, rights: new Map() }
      found.set(object, there)
      addRight(there.rights, right, '')
    }
  }
  for (const [schema, name, column, ...right] of await session.values(COLUMN_RIGHTS)) {
    const there = found.get(objectText('TABLE', nameOf(schema, name, null)))
    if (there !== undefined) addRight(there.rights, right, `(${readable(column ?? '')})`)
  }
  return found
}

async function firstColumn(session: CopyOutSession, query: string): Promise<readonly string[]> {
  return (await session.values(query)).flatMap(([value]) => value ?? [])
}

type Value = string | null | undefined

function nameOf(schema: Value, name: Value, signature: Value): string {
  const prefix = schema === null || schema === undefined ? '' : `${schema}.`
  return `${prefix}${name ?? ''}${signature === null || signature === undefined ? '' : `(${signature})`}`
}

/** Nobody may have any right on an object: then there is none in its row. */
function addRight(rights: Map<string, boolean>, right: readonly Value[], column: string): void {
  const [privilege, grantee, grantable] = right
  if (typeof privilege !== 'string' || typeof grantee !== 'string') return
  rights.set(rightKey(privilege + column, readable(grantee)), grantable === 't')
}
