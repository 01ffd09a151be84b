import type { PostgresServer, Row } from './postgres-server.ts'

/** Every catalog of a database, rows as sorted lines without anything that another database has otherwise by its nature. */
export type CatalogPicture = Readonly<Record<string, readonly string[]>>

/** What is counted, cached or placed, not said; and parse trees, whose text pg_dump prints and every comparison has. */
const BY_NATURE =
  /^(oid|relfilenode|relpages|reltuples|relall(visible|frozen)|relfrozenxid|relminmxid|dat(frozenxid|minmxid|name|dba|acl)|dbid|subdbid|.*(nodetree|bin)|ev_(qual|action)|prosqlbody|proargdefaults|indexprs|indpred|indcheckxmin|tgqual|polqual|polwithcheck|partexprs|relpartbound|relrewrite|stxexprs|prqual|attmissingval|enumsortorder|refobjversion)$/

/** What one picture holds and the other does not, by catalog. Rights of the database and its owner are left to who compares facts. */
export function catalogDifferences(
  before: CatalogPicture,
  after: CatalogPicture,
): Readonly<Record<string, { readonly lost: readonly string[]; readonly came: readonly string[] }>> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const pairs = names.map(name => {
    const lost = without(before[name] ?? [], after[name] ?? [])
    return [name, { lost, came: without(after[name] ?? [], before[name] ?? []) }] as const
  })
  return Object.fromEntries(pairs.filter(([, { lost, came }]) => lost.length + came.length > 0))
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter(line => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count < 1
  })
}

/** Statistics, positions of replication, and data, which a dump has in full. */
const NOT_SAID =
  /^(pg_statistic|pg_statistic_ext_data|pg_replication_origin|pg_largeobject|pg_subscription_rel|pg_toast.*)$/

interface Catalog {
  readonly name: string
  readonly oid: number
  readonly columns: readonly string[]
}

interface Reference {
  readonly table: string
  readonly columns: readonly string[]
  readonly to: string
}

/** Reads all of it as the superuser, on a server from 14 on. Both pictures must be of one server: what initdb made keeps its OIDs. */
export async function catalogPictureOf(server: PostgresServer, database: string): Promise<CatalogPicture> {
  const catalogs = await catalogsOf(server, database)
  const references = await referencesOf(server, database)
  const names = new Map<string, string>()
  for (const catalog of catalogs) {
    for (const { oid, identity } of await identitiesIn(server, database, catalog))
      names.set(`${catalog.name}/${oid}`, withoutNumbers(String(identity)))
  }
  const picture: Record<string, readonly string[]> = {}
  for (const catalog of catalogs) {
    const rows = await server.query(
      database,
      `SELECT to_jsonb(t) AS row FROM pg_catalog.${catalog.name} t${conditionOf(catalog)}`,
    )
    const own = references.filter(reference => reference.table === catalog.name)
    picture[catalog.name] = rows.map(({ row }) => lineOf(row as Row, { own, names, catalog })).toSorted()
  }
  return picture
}

async function catalogsOf(server: PostgresServer, database: string): Promise<readonly Catalog[]> {
  const rows = await server.query(
    database,
    `SELECT relname AS name, c.oid::int AS oid, array_agg(attname::text) AS columns
     FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum <> 0 AND attname <> 'tableoid' AND (attnum > 0 OR attname = 'oid')
     WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' GROUP BY 1, 2 ORDER BY 1`,
  )
  return (rows as unknown as Catalog[]).filter(({ name }) => !NOT_SAID.test(name))
}

async function referencesOf(server: PostgresServer, database: string): Promise<readonly Reference[]> {
  const rows = await server.query(
    database,
    `SELECT fktable::regclass::text AS table, fkcols AS columns, pktable::regclass::text AS to
     FROM pg_get_catalog_foreign_keys() WHERE cardinality(fkcols) = 1`,
  )
  return rows as unknown as Reference[]
}

/** By the server's own words; of what has none, by its columns. */
async function identitiesIn(
  server: PostgresServer,
  database: string,
  { name, oid, columns }: Catalog,
): Promise<readonly Row[]> {
  if (!columns.includes('oid')) return []
  if (name === 'pg_enum')
    return await server.query(
      database,
      `SELECT oid::text, enumtypid::regtype || '.' || enumlabel AS identity FROM pg_enum`,
    )
  const identity = `(pg_identify_object('${oid}', t.oid, 0)).identity`
  return await server
    .query(database, `SELECT t.oid::text, ${identity} AS identity FROM pg_catalog.${name} t WHERE t.oid >= '16384'`)
    .catch(() => [])
}

/** Of what all databases share, what belongs to this one. */
function conditionOf({ name, columns }: Catalog): string {
  const current = `(SELECT d.oid FROM pg_database d WHERE d.datname = current_database())`
  if (name === 'pg_database') return ` WHERE t.datname = current_database()`
  if (name === 'pg_db_role_setting') return ` WHERE t.setdatabase = ${current}`
  if (name === 'pg_subscription') return ` WHERE t.subdbid = ${current}`
  if (name === 'pg_shdepend') return ` WHERE t.dbid = ${current}`
  if (name === 'pg_shdescription' || name === 'pg_shseclabel')
    return ` WHERE t.classoid = '1262' AND t.objoid = ${current}`
  if (['pg_authid', 'pg_auth_members', 'pg_tablespace', 'pg_parameter_acl'].includes(name)) return ' WHERE false'
  return columns.includes('oid') && name !== 'pg_namespace'
    ? ` WHERE t.oid >= '16384' OR t.oid IN (SELECT objoid FROM pg_init_privs)`
    : ''
}

interface Reading {
  readonly own: readonly Reference[]
  readonly names: ReadonlyMap<string, string>
  readonly catalog: Catalog
}

function lineOf(row: Row, { own, names, catalog }: Reading): string {
  const entries = Object.entries(row).filter(([column]) => !BY_NATURE.test(column))
  const named = entries.map(([column, value]) => {
    const to = own.find(({ columns }) => columns[0] === column)?.to ?? objectTable(column, row)
    return [column, to === undefined ? plain(value) : resolve(value, to, names)]
  })
  const self = names.get(`${catalog.name}/${String(row.oid)}`)
  return JSON.stringify({
    ...(self === undefined || catalog.name === 'pg_database' ? {} : { self }),
    ...Object.fromEntries(named),
  })
}

/** Descriptions, dependencies and labels say in another column of what kind their object is. */
function objectTable(column: string, row: Row): string | undefined {
  const classes: Readonly<Record<string, string>> = { objid: 'classid', objoid: 'classoid', refobjid: 'refclassid' }
  const by = classes[column]
  return by === undefined ? undefined : CLASS_NAMES.get(Number(row[by]))
}

const CLASS_NAMES = new Map<number, string>([
  [1247, 'pg_type'],
  [1249, 'pg_attribute'],
  [1255, 'pg_proc'],
  [1259, 'pg_class'],
  [1260, 'pg_authid'],
  [1262, 'pg_database'],
  [2328, 'pg_foreign_data_wrapper'],
  [1417, 'pg_foreign_server'],
  [1418, 'pg_user_mapping'],
  [2600, 'pg_aggregate'],
  [2601, 'pg_am'],
  [2602, 'pg_amop'],
  [2603, 'pg_amproc'],
  [2604, 'pg_attrdef'],
  [2605, 'pg_cast'],
  [2606, 'pg_constraint'],
  [2607, 'pg_conversion'],
  [2612, 'pg_language'],
  [2615, 'pg_namespace'],
  [2616, 'pg_opclass'],
  [2617, 'pg_operator'],
  [2618, 'pg_rewrite'],
  [2620, 'pg_trigger'],
  [2753, 'pg_opfamily'],
  [3079, 'pg_extension'],
  [3256, 'pg_policy'],
  [3381, 'pg_statistic_ext'],
  [3456, 'pg_collation'],
  [3466, 'pg_event_trigger'],
  [3576, 'pg_transform'],
  [3600, 'pg_ts_dict'],
  [3601, 'pg_ts_parser'],
  [3602, 'pg_ts_config'],
  [3764, 'pg_ts_template'],
  [826, 'pg_default_acl'],
  [6104, 'pg_publication'],
  [6106, 'pg_publication_rel'],
  [6237, 'pg_publication_namespace'],
  [6100, 'pg_subscription'],
  [2995, 'pg_largeobject_metadata'],
])

function resolve(value: unknown, to: string, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map(each => resolve(each, to, names))
  if (typeof value === 'string' && value.includes(' ')) return value.split(' ').map(each => resolve(each, to, names))
  return names.get(`${to}/${String(value)}`) ?? value
}

function plain(value: unknown): unknown {
  return typeof value === 'string' ? withoutNumbers(value) : value
}

/** Names that PostgreSQL makes of OIDs. */
function withoutNumbers(text: string): string {
  return text.replace(/(pg_toast_|ConstraintTrigger_(?:[ac]_)?|pg_temp_)\d+/g, '$1#')
}
