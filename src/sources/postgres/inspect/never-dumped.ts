import type { Connection } from '../connection/connection.ts'
import type { Omitted } from '../connection/server-messages.ts'

/** What pg_dump leaves out without a word, whoever asks it, and no other part of an archive brings back. */
export interface NeverDumped {
  /** What somebody has made. */
  readonly omitted: readonly Omitted[]
  /** For people: what has no content of its own, or is better chosen where it is restored. */
  readonly notes: readonly string[]
}

interface FoundRow {
  readonly kind: 'function' | 'relation' | 'index' | 'tablespace' | 'label' | 'language'
  readonly schema: string
  readonly name: string
}

/** Asks the database of this session. Rejects with an OperatorError. */
export async function readNeverDumped(connection: Connection): Promise<NeverDumped> {
  const rows = await connection.query<FoundRow>(NEVER_DUMPED)
  const isMade = ({ kind }: FoundRow): boolean => kind === 'function' || kind === 'relation'
  return { omitted: rows.filter(isMade).map(omittedObject), notes: rows.filter(row => !isMade(row)).map(noteOf) }
}

function omittedObject({ kind, schema, name }: FoundRow): Omitted {
  const object = `${schema}.${name}`
  const text = `${kind} ${object} is not in the dump: pg_dump leaves out what is in PostgreSQL's own schemas; keep it in a schema of your own`
  return { kind, name: object, sqlstate: null, text }
}

function noteOf({ kind, schema, name }: FoundRow): string {
  switch (kind) {
    case 'index':
      return `index ${schema}.${name} is invalid, and so not in the dump: a CREATE INDEX CONCURRENTLY has failed; REINDEX or drop it`
    case 'tablespace':
      return `the tablespace of the database, ${name}, is not in the archive: where there is no such database, it is made in the default one`
    case 'label':
      return `the security label of the database by ${name} is not in the archive`
    default:
      return `the database has no ${kind} ${name}, which every new database has, and the restored one will have it`
  }
}

/** From 16384 on it is no object of initdb; 1255 is pg_proc, 1259 pg_class, 1262 pg_database, 1663 pg_default. */
const NEVER_DUMPED = `
SELECT 'function' AS kind, n.nspname AS schema, p.proname AS name
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE (n.nspname = 'pg_catalog' OR n.nspname = 'information_schema') AND p.oid > '16383'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = '1255' AND x.objid = p.oid AND x.deptype = 'e')
UNION ALL
SELECT 'relation', n.nspname, c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (n.nspname = 'pg_catalog' OR n.nspname = 'information_schema') AND c.oid > '16383' AND c.relkind <> 'i'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = '1259' AND x.objid = c.oid AND x.deptype = 'e')
UNION ALL
SELECT 'index', n.nspname, c.relname
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname <> 'pg_toast'
UNION ALL
SELECT 'tablespace', '', t.spcname
FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
WHERE d.datname = pg_catalog.current_database() AND t.oid <> '1663'
UNION ALL
SELECT 'label', '', s.provider
FROM pg_catalog.pg_database d JOIN pg_catalog.pg_shseclabel s ON s.objoid = d.oid AND s.classoid = '1262'
WHERE d.datname = pg_catalog.current_database()
UNION ALL
SELECT 'language', '', v.name
FROM (VALUES ('plpgsql')) v(name) WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_language l WHERE l.lanname = 'plpgsql')
LIMIT 1000`
