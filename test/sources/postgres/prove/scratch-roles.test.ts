import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { createLoader } from '../../../../src/sources/postgres/made/loader-role.ts'
import { makeScratchRoles } from '../../../../src/sources/postgres/prove/scratch-roles.ts'
import { readRolesPart } from '../../../../src/sources/postgres/roles/read-roles-part.ts'
import { rolesPart } from '../../../../src/sources/postgres/roles/role-statements.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server?.stop())

function session(): Promise<Connection> {
  return connect(server.target('postgres'), { env: {}, applicationName: 'roles test' }, AbortSignal.timeout(60_000))
}

const DUMPALL = `SET default_transaction_read_only = off;
SET client_encoding = 'UTF8';
CREATE ROLE mighty;
ALTER ROLE mighty WITH SUPERUSER INHERIT CREATEROLE CREATEDB LOGIN REPLICATION BYPASSRLS VALID UNTIL '2030-01-01 00:00:00+00';
ALTER ROLE mighty SET search_path TO 'a;b', 'c''d';
COMMENT ON ROLE mighty IS 'it''s; a $backup$ "role"';
CREATE ROLE "o'dd ""role"";
";
ALTER ROLE "o'dd ""role"";
" WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 3;
ALTER ROLE "o'dd ""role"";
" SET work_mem TO '7MB';
SECURITY LABEL FOR selinux ON ROLE mighty IS 'of a provider that is not there';
GRANT mighty TO "o'dd ""role"";
" WITH ADMIN OPTION GRANTED BY postgres;
GRANT pg_execute_server_program TO mighty GRANTED BY postgres;
GRANT SET ON PARAMETER log_statement TO mighty;
`

describe('the roles of an archive on a scratch server', () => {
  test('FM77 are all there, and none may do anything', async () => {
    await using admin = await session()
    const loader = await createLoader(admin)
    const part = rolesPart(DUMPALL)
    const { roles, leftOut } = readRolesPart(Buffer.from(part.text))

    await makeScratchRoles(admin, roles, ['named elsewhere', 'mighty', 'pg_of_a_newer_server'])
    await makeScratchRoles(admin, roles, [])
    const rows = await admin.query(
      `SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication OR rolbypassrls AS can
       FROM pg_roles WHERE oid >= 16384 ORDER BY 1`,
    )
    const members = await admin.query(
      'SELECT g.rolname FROM pg_auth_members JOIN pg_roles g ON g.oid = roleid JOIN pg_roles m ON m.oid = member WHERE m.oid >= 16384',
    )
    const settings = await admin.query('SELECT FROM pg_db_role_setting')

    expect({ unknown: part.unknown, leftOut }).toEqual({ unknown: 0, leftOut: [] })
    expect(rows).toEqual([
      { rolname: loader.name, can: true },
      { rolname: 'mighty', can: false },
      { rolname: 'named elsewhere', can: false },
      { rolname: `o'dd "role";\n`, can: false },
    ])
    expect(members).toEqual([{ rolname: 'mighty' }])
    expect(settings).toEqual([])
  })
})
