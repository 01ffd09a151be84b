import type { PostgresServer, Row } from './postgres-server.ts'

/** Row by row, everything that a server knows of its roles, as text; the settings of databases by their names. */
export async function rightsOn(server: PostgresServer): Promise<Readonly<Record<string, readonly Row[]>>> {
  const rights: Record<string, readonly Row[]> = {}
  for (const [catalog, query] of Object.entries(CATALOGS)) {
    if (catalog === 'pg_parameter_acl' && server.majorVersion < 15) continue
    rights[catalog] = await server.query('postgres', query)
  }
  return rights
}

const CATALOGS = {
  pg_authid: 'SELECT to_jsonb(a) AS row FROM pg_authid a ORDER BY oid',
  pg_auth_members: 'SELECT to_jsonb(m) AS row FROM pg_auth_members m ORDER BY roleid, member, grantor',
  pg_db_role_setting: `SELECT datname, setrole, setconfig FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase
    WHERE datname IS NULL OR datname !~ '_before_' ORDER BY 1, 2`,
  pg_parameter_acl: 'SELECT to_jsonb(p) AS row FROM pg_parameter_acl p ORDER BY parname',
  pg_shdescription:
    "SELECT objoid, description FROM pg_shdescription WHERE classoid = 'pg_authid'::regclass ORDER BY 1",
}
