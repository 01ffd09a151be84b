import type { Connection } from '../connection/connection.ts'
import { aclItems, type Granted } from '../database/acl-items.ts'
import type { DatabaseSetting, RecordedDatabase } from '../database/database-facts.ts'

/** What the server's own catalogs say of a database, whichever of its databases they are read in. */
export type DatabaseRecord = Omit<
  RecordedDatabase,
  'host' | 'port' | 'name' | 'tablespaces' | 'extensions' | 'withoutPublic'
>

/** What is chosen only when a database is made. */
export type RecordedShape = Pick<
  DatabaseRecord,
  'encoding' | 'collate' | 'ctype' | 'localeProvider' | 'icuLocale' | 'icuRules'
>

/** Columns that only some versions have are looked for by their names. */
interface DatabaseRow extends Readonly<Record<string, unknown>> {
  readonly owner: string
  readonly encoding_name: string
  readonly comment: string | null
}

const DATABASE = `
SELECT d.*, pg_catalog.pg_get_userbyid(d.datdba) AS owner, pg_catalog.pg_encoding_to_char(d.encoding) AS encoding_name,
       pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
FROM pg_catalog.pg_database d WHERE d.datname = $1`

const SIZE = 'SELECT pg_catalog.pg_database_size(d.oid) AS size FROM pg_catalog.pg_database d WHERE d.datname = $1'

interface RightRow {
  readonly grantor: number
  readonly grantee: number
  readonly name: string
  readonly privilege: string
  readonly grantable: boolean
}

/** The rights in an expression over `d`, one by one; none where it is NULL. */
const rightsIn = (expression: string): string => `
SELECT a.grantor, a.grantee, pg_catalog.pg_get_userbyid(a.grantee) AS name, a.privilege_type AS privilege, a.is_grantable AS grantable
FROM pg_catalog.pg_database d, pg_catalog.aclexplode(${expression}) a WHERE d.datname = $1`

const RIGHTS = rightsIn('d.datacl')
const STANDARD_RIGHTS = rightsIn("pg_catalog.acldefault('d', d.datdba)")

interface SettingRow {
  readonly role: number
  readonly name: string
  readonly entry: string
}

const SETTINGS = `
SELECT s.setrole AS role, pg_catalog.pg_get_userbyid(s.setrole) AS name, e.entry
FROM pg_catalog.pg_database d JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = d.oid,
     pg_catalog.unnest(s.setconfig) WITH ORDINALITY e(entry, place)
WHERE d.datname = $1 ORDER BY s.setrole, e.place`

/** Null where the server has no database of that name. Rejects with an OperatorError. */
export async function readDatabase(connection: Connection, name: string): Promise<DatabaseRecord | null> {
  const [row] = await connection.query<DatabaseRow>(DATABASE, [name])
  if (row === undefined) return null
  const [size] = await connection.query<{ size: string }>(SIZE, [name])
  const settings = await connection.query<SettingRow>(SETTINGS, [name])
  const granted = row.datacl === null ? null : await ownRights(connection, name)
  return {
    ...shapeOf(row),
    ...(typeof row.datcollversion === 'string' ? { collationVersion: row.datcollversion } : {}),
    owner: row.owner,
    settings: settings.map(settingOf),
    acl: aclItems(granted, row.owner),
    comment: row.comment,
    connectionLimit: Number(row.datconnlimit),
    ...(row.datistemplate === true ? { isTemplate: true } : {}),
    sizeBytes: Number(size?.size),
  }
}

/** Null where the server has no database of that name. Rejects with an OperatorError. */
export async function readShape(connection: Connection, name: string): Promise<RecordedShape | null> {
  const [row] = await connection.query<DatabaseRow>(DATABASE, [name])
  return row === undefined ? null : shapeOf(row)
}

/** Null: they are those that every new database has. */
async function ownRights(connection: Connection, name: string): Promise<readonly Granted[] | null> {
  const rights = await connection.query<RightRow>(RIGHTS, [name])
  const standard = await connection.query<RightRow>(STANDARD_RIGHTS, [name])
  if (sorted(rights) === sorted(standard)) return null
  return rights.map(right => ({
    grantee: right.grantee === 0 ? null : right.name,
    privilege: right.privilege,
    grantable: right.grantable,
  }))
}

function sorted(rights: readonly RightRow[]): string {
  return rights
    .map(right => `${right.grantor} ${right.grantee} ${right.privilege} ${right.grantable}`)
    .toSorted()
    .join('\n')
}

const PROVIDERS: Readonly<Record<string, string>> = { c: 'libc', i: 'icu', b: 'builtin' }

function shapeOf(row: DatabaseRow): RecordedShape {
  const text = (name: string): string | null => (typeof row[name] === 'string' ? row[name] : null)
  const icuRules = text('daticurules')
  return {
    encoding: row.encoding_name,
    collate: text('datcollate') ?? '',
    ctype: text('datctype') ?? '',
    localeProvider: PROVIDERS[text('datlocprovider') ?? 'c'] ?? 'libc',
    icuLocale: text('datlocale') ?? text('daticulocale'),
    ...(icuRules === null ? {} : { icuRules }),
  }
}

/** An entry of pg_db_role_setting is `name=value`; a name holds no `=`. */
function settingOf({ role, name, entry }: SettingRow): DatabaseSetting {
  const at = entry.indexOf('=')
  return { role: role === 0 ? null : name, name: entry.slice(0, at), value: entry.slice(at + 1) }
}
