import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { recordDump } from '../sources/postgres/sql/record-dump.ts'
import { serverBinaries } from './postgres-cluster.ts'
import type { PostgresServer, Row } from './postgres-server.ts'

/** A database so that two can be compared with `toEqual`: nothing in it depends on an order that PostgreSQL does not keep. */
export interface DatabasePicture {
  /** By table and columns, the COPY lines sorted; bytes as Latin-1 characters. */
  readonly rows: Readonly<Record<string, readonly string[]>>
  /** Sorted, repetitions kept; the values of sequences are among them. */
  readonly statements: readonly string[]
  readonly largeObjects: readonly Row[]
  readonly facts: readonly Row[]
}

/** Dumps a database in the session that all dumps have, and asks the catalog for what pg_dump leaves out. As the superuser. */
export async function pictureOf(server: PostgresServer, database: string): Promise<DatabasePicture> {
  const { events } = recordDump(await dumpText(server, database))
  const tables = events.flatMap(event => ('copy' in event ? [event] : []))
  return {
    rows: Object.fromEntries(
      tables.map(table => [`${table.copy} (${table.columns.join(', ')})`, sortedLines(table.data)]),
    ),
    statements: events.flatMap(event => ('statement' in event ? [event.statement] : [])).toSorted(),
    largeObjects: await server.query(
      database,
      `SELECT oid::text, pg_get_userbyid(lomowner) AS owner, lomacl::text AS acl, md5(lo_get(oid)) AS md5
       FROM pg_largeobject_metadata ORDER BY oid`,
    ),
    facts: await server.query(database, FACTS),
  }
}

const FACTS = `
SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, datctype, datconnlimit, pg_get_userbyid(datdba) AS owner,
       (SELECT spcname FROM pg_tablespace t WHERE t.oid = dattablespace) AS tablespace,
       shobj_description(oid, 'pg_database') AS comment,
       (SELECT jsonb_agg(g ORDER BY g) FROM (
          SELECT jsonb_build_array(CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END, privilege_type, is_grantable) g
          FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))) x) AS rights,
       (SELECT jsonb_agg(jsonb_build_array(CASE setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(setrole) END, entry) ORDER BY entry)
        FROM pg_db_role_setting, unnest(setconfig) entry WHERE setdatabase = d.oid) AS settings
FROM pg_database d WHERE datname = current_database()`

/** Roles of a server without their passwords: attributes, settings, comments, memberships, rights on parameters. */
export async function rolesOf(server: PostgresServer): Promise<readonly Row[]> {
  return await server.query('postgres', ROLES)
}

const ROLES = `
SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit,
       rolvaliduntil::text, rolconfig, shobj_description(oid, 'pg_authid') AS comment,
       ARRAY(SELECT pg_get_userbyid(roleid) || ' ' || admin_option FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS member_of,
       ARRAY(SELECT parname || ' ' || privilege_type FROM pg_parameter_acl, aclexplode(paracl) WHERE grantee = r.oid ORDER BY 1) AS parameters
FROM pg_roles r WHERE rolname !~ '^pg_' ORDER BY rolname`

async function dumpText(server: PostgresServer, database: string): Promise<Buffer> {
  const [row] = await server.query(database, `SELECT current_setting('server_encoding') AS encoding`)
  const own = join(server.binFolder, 'pg_dump')
  // npm's servers come without clients.
  const { stdout } = await promisify(execFile)(existsSync(own) ? own : join(serverBinaries(), 'pg_dump'), [], {
    encoding: 'buffer',
    maxBuffer: 1e9,
    env: {
      ...clientEnvironment(server, database),
      PGTZ: 'UTC',
      PGCLIENTENCODING: String(row?.encoding),
      PGOPTIONS:
        '-c bytea_output=hex -c quote_all_identifiers=off -c standard_conforming_strings=on -c xmlbinary=base64',
    },
  })
  return stdout
}

/** What a libpq tool needs to connect; as the superuser unless a user is given. */
export function clientEnvironment(
  server: PostgresServer,
  database: string,
  user: { readonly name: string; readonly password: string } = { name: server.superuser, password: server.password },
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    LC_ALL: 'C.UTF-8',
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: user.name,
    PGPASSWORD: user.password,
    PGDATABASE: database,
  }
}

function sortedLines(data: string): readonly string[] {
  return data.split('\n').slice(0, -1).toSorted()
}
