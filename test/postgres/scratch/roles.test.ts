import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Connection, connect } from '../../../src/postgres/connection.ts'
import { rolesPart } from '../../../src/postgres/role-statements.ts'
import { makeScratchRoles } from '../../../src/postgres/scratch/roles.ts'
import { refuseForeignRoles } from '../../../src/postgres/scratch/roles-script.ts'
import { createLoader } from '../../../src/postgres/side-database.ts'
import { operatorError } from '../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

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

    await makeScratchRoles(admin, { text: part.text, names: ['named elsewhere', 'mighty'], keep: [loader.name] })
    await makeScratchRoles(admin, { text: part.text, names: [], keep: [loader.name] })
    const rows = await admin.query(
      `SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolreplication OR rolbypassrls AS can
       FROM pg_roles WHERE oid >= 16384 ORDER BY 1`,
    )
    const members = await admin.query(
      'SELECT g.rolname FROM pg_auth_members JOIN pg_roles g ON g.oid = roleid JOIN pg_roles m ON m.oid = member WHERE m.oid >= 16384',
    )

    expect(part.unknown).toBe(0)
    expect(rows).toEqual([
      { rolname: loader.name, can: true },
      { rolname: 'mighty', can: false },
      { rolname: 'named elsewhere', can: false },
      { rolname: `o'dd "role";\n`, can: false },
    ])
    expect(members).toEqual([{ rolname: 'mighty' }])
  })

  test.each([
    ['a program', "COPY (SELECT 1) TO PROGRAM 'cat >/tmp/planted';"],
    ['a program in a block', "DO $backup$\nBEGIN\n  COPY (SELECT 1) TO PROGRAM 'cat >/dev/null';\nEND;\n$backup$;"],
    ['a call in a block', 'DO $backup$\nBEGIN\n  PERFORM pg_catalog.pg_sleep(1);\nEND;\n$backup$;'],
    ['a call in the condition', 'DO $backup$\nBEGIN\n  IF EXISTS (SELECT f()) THEN RETURN; END IF;\nEND;\n$backup$;'],
    ['a declaration', 'DO $backup$\nDECLARE x int := f();\nBEGIN\nEND;\n$backup$;'],
    [
      'settings of all roles',
      "DO $backup$\nBEGIN\n  ALTER ROLE ALL SET session_preload_libraries TO 'x';\nEND;\n$backup$;",
    ],
    ['settings of ours', "DO $backup$\nBEGIN\n  ALTER ROLE current_user SET role TO 'x';\nEND;\n$backup$;"],
    ['another role', 'DO $backup$\nBEGIN\n  ALTER ROLE x SUPERUSER;\nEND;\n$backup$;'],
    ['another block', 'DO $x$\nBEGIN\nEND;\n$x$;'],
    ['a setting', "SET session_preload_libraries = 'x';"],
  ])('FM77 are refused, before any of them is made, with %s among them', async (_, planted) => {
    await using admin = await session()
    const text = `${rolesPart('CREATE ROLE first_of_all;\nALTER ROLE first_of_all WITH LOGIN;\n').text}${planted}\n`

    const error = await operatorError(makeScratchRoles(admin, { text, names: ['also'], keep: [] }))
    const made = await admin.query("SELECT FROM pg_roles WHERE rolname IN ('first_of_all', 'also')")

    expect(error.kind).toBe('incomplete')
    expect(made).toEqual([])
  })

  test('are accepted as they are written when there are none', () => {
    const empty = '--\n-- The roles of the server could not be read; none are in this archive.\n--\n\n'

    expect(() => refuseForeignRoles(empty)).not.toThrow()
  })
})
