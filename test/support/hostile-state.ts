import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import type { PostgresServer, Row } from './postgres-server.ts'
import { untilTrue } from './until-true.ts'

/** What of a server no archive may change, as lines; and how much of its log there is. */
export interface ServerState {
  readonly roles: ReadonlyMap<string, Row>
  /** By the roles that they are about. */
  readonly members: readonly Row[]
  /** With the role that a setting is for. */
  readonly lines: ReadonlyMap<string, string | null>
  readonly databases: ReadonlySet<string>
  readonly logLength: number
}

/**
 * Asks until the server answers, which after a crash takes a while. Nothing is read in a database that an archive was
 * loaded into: its code might answer.
 */
export async function stateOf(server: PostgresServer): Promise<ServerState> {
  let rows: readonly Row[] = []
  await untilTrue(() =>
    server.query('postgres', STATE).then(
      found => {
        rows = found
        return true
      },
      () => false,
    ),
  )
  const { roles, members, lines, databases } = (rows[0] ?? {}) as unknown as Answer
  const conf = readFileSync(path.join(server.folder, 'data', 'postgresql.auto.conf'), 'utf8')
  return {
    roles: new Map(roles.map(role => [String(role.rolname), role])),
    members: members ?? [],
    lines: new Map([[`postgresql.auto.conf: ${conf}`, null], ...lines.map(({ line, role }) => [line, role] as const)]),
    databases: new Set(databases),
    logLength: server.log().length,
  }
}

interface Answer {
  readonly roles: readonly Row[]
  readonly members: readonly Row[] | null
  readonly lines: readonly { readonly line: string; readonly role: string | null }[]
  readonly databases: readonly string[]
}

/** What is another after an archive called `name` was there. Its own databases, and roles without any power, may be new. */
export function changesSince(before: ServerState, after: ServerState, name: string | null): readonly string[] {
  const isOwn = (text: string): boolean => name !== null && text.includes(` of ${name}`)
  const isForNewRole = (role: string | null): boolean => role !== null && !before.roles.has(role)
  const known = [...before.roles].filter(([role, row]) => !same(after.roles.get(role), row)).map(([role]) => role)
  const fresh = [...after.roles].filter(([role, row]) => !before.roles.has(role) && isMighty(row)).map(([role]) => role)
  const memberships = after.members.filter(row => !before.members.some(old => same(old, row)))
  const lost = before.members.filter(row => !after.members.some(other => same(other, row)))
  return [
    ...known.map(role => `role ${role} changed`),
    ...fresh.map(role => `role ${role} made`),
    ...memberships
      .filter(({ member, mighty }) => before.roles.has(String(member)) || mighty === true)
      .map(({ role, member }) => `${String(member)} became a member of ${String(role)}`),
    ...lost.map(({ role, member }) => `${String(member)} is no member of ${String(role)} any more`),
    ...[...after.lines]
      .filter(([line, role]) => !before.lines.has(line) && !isOwn(line) && !isForNewRole(role))
      .map(([line]) => `new: ${line}`),
    ...[...before.lines.keys()].filter(line => !after.lines.has(line)).map(line => `gone: ${line}`),
  ]
}

/** Whether a line of the server's log since then says that one of its processes died. */
export function hasCrashed(log: string): boolean {
  return /was terminated by signal|terminating any other active server processes/.test(log)
}

/**
 * Functions of the server that are others in a database than they are where nothing was loaded. No cast is called, no
 * trigger runs; where the database's own settings keep everybody out, nothing is seen.
 */
export async function changedBuiltIns(server: PostgresServer, database: string): Promise<readonly string[]> {
  const known = new Set((await builtIns(server, 'hostile_bystander')).map(row => JSON.stringify(row)))
  const rows = await builtIns(server, database).catch(() => [])
  const changed = rows.filter(row => !known.has(JSON.stringify(row)))
  return changed.map(row => `built-in function ${String(row.proname)} changed`)
}

async function builtIns(server: PostgresServer, database: string): Promise<readonly Row[]> {
  const { host, port, superuser: user, password } = server
  const options = `-c statement_timeout=0${server.majorVersion >= 17 ? ' -c event_triggers=off' : ''}`
  const connectionTimeoutMillis = 10_000
  const client = new pg.Client({ host, port, user, password, database, options, ssl: false, connectionTimeoutMillis })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Row>(BUILT_INS)).rows
  } finally {
    await client.end()
  }
}

const BUILT_INS = `SELECT oid, proname, proowner, prosrc, probin, prolang, prosecdef, proconfig FROM pg_catalog.pg_proc
WHERE oid OPERATOR(pg_catalog.<) 16384 ORDER BY oid`

/** Tries to undo what an attack did; false where the server is not what it was, and another one is needed. */
export async function putBack(server: PostgresServer, before: ServerState): Promise<boolean> {
  const isDone = await server.sql('postgres', PUT_BACK).then(
    () => true,
    () => false,
  )
  const after = isDone ? await stateOf(server).catch(() => null) : null
  return after !== null && changesSince(before, after, null).length === 0
}

const PUT_BACK = `
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT rolname FROM pg_roles WHERE rolname ~ '^(planted |hostile_new_|x\\$)' LOOP
    BEGIN EXECUTE format('DROP ROLE %I', r.rolname); EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP;
  FOR r IN SELECT a.rolname AS role, m.rolname AS member FROM pg_auth_members x JOIN pg_roles a ON a.oid = roleid JOIN pg_roles m ON m.oid = member
    WHERE m.rolname = 'hostile_victim' OR a.rolname = 'hostile_victim' LOOP EXECUTE format('REVOKE %I FROM %I', r.role, r.member);
  END LOOP;
END $$;
ALTER ROLE hostile_victim NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD NULL VALID UNTIL 'infinity';
ALTER ROLE hostile_victim RESET ALL; ALTER ROLE ALL RESET ALL; ALTER ROLE postgres RESET ALL;
ALTER DATABASE postgres RESET ALL; ALTER DATABASE hostile_bystander RESET ALL; ALTER DATABASE hostile_bystander CONNECTION LIMIT -1;
REVOKE ALL ON DATABASE hostile_bystander FROM hostile_victim; REVOKE ALL ON TABLESPACE pg_default FROM hostile_victim;
ALTER DATABASE hostile_bystander OWNER TO postgres; ALTER TABLESPACE pg_default OWNER TO postgres;
COMMENT ON ROLE hostile_victim IS NULL; COMMENT ON DATABASE hostile_bystander IS NULL;`

/** What every server of the corpus has: somebody to be raised, and a database that is none of the archives' business. */
export const VICTIMS = `CREATE ROLE hostile_victim VALID UNTIL 'infinity'; CREATE DATABASE hostile_bystander;`

const ROLES = `SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, rolpassword, rolvaliduntil::text
FROM pg_authid WHERE rolname !~ '^backup_loader_'`

const MEMBERS = `SELECT r.rolname AS role, m.rolname AS member, admin_option, r.rolsuper OR r.rolname ~ '^pg_' AS mighty
FROM pg_auth_members JOIN pg_roles r ON r.oid = roleid JOIN pg_roles m ON m.oid = member
WHERE r.rolname !~ '^backup_loader_' AND m.rolname !~ '^backup_loader_'`

const LINES = `
SELECT format('settings of %s for %s: %s', coalesce(datname, 'all'), CASE setrole WHEN 0 THEN 'all' ELSE setrole::regrole::text END, setconfig) AS line, (SELECT rolname FROM pg_roles WHERE oid = setrole) AS role
FROM pg_db_role_setting LEFT JOIN pg_database d ON d.oid = setdatabase
UNION ALL SELECT format('database of %s: %s %s %s %s', datname, datdba::regrole, datconnlimit, datacl, dattablespace), NULL FROM pg_database
UNION ALL SELECT format('tablespace %s: %s %s', spcname, spcowner::regrole, spcacl), NULL FROM pg_tablespace
UNION ALL SELECT format('parameter %s: %s', parname, paracl), NULL FROM pg_parameter_acl
UNION ALL SELECT format('comment of %s: %s', coalesce(datname, objoid::regrole::text), description), NULL FROM pg_shdescription
LEFT JOIN pg_database d ON d.oid = objoid AND classoid = 'pg_database'::regclass WHERE classoid <> 'pg_authid'::regclass OR objoid IN (SELECT oid FROM pg_authid WHERE rolname IN ('postgres', 'hostile_victim'))`

const STATE = `SELECT (SELECT json_agg(x) FROM (${ROLES}) x) AS roles, (SELECT json_agg(x) FROM (${MEMBERS}) x) AS members,
(SELECT json_agg(x) FROM (${LINES}) x) AS lines, (SELECT json_agg(datname) FROM pg_database) AS databases`

function isMighty(role: Row): boolean {
  const powers = [role.rolsuper, role.rolcreaterole, role.rolreplication, role.rolbypassrls]
  return powers.includes(true) || role.rolpassword !== null || String(role.rolname).startsWith('planted')
}

function same(one: Row | undefined, other: Row): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
