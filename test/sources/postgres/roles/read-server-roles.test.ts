import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DatabaseTarget } from '../../../../src/config/database-target.ts'
import { type RolesReading, readRoles } from '../../../../src/sources/postgres/roles/read-server-roles.ts'
import { toolsOf } from '../../../support/dumping.ts'
import { operatorError } from '../../../support/failure.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const ODD = `o'dd "role" $backup$ é\nnl`
const ODD_SQL = `"o'dd ""role"" $backup$ é\nnl"`

const DESCRIBE = `SELECT r.rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
  rolconnlimit, rolvaliduntil, s.setconfig, shobj_description(r.oid, 'pg_authid') AS comment,
  ARRAY(SELECT roleid::regrole::text || admin_option FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS member_of
  FROM pg_roles r LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
  WHERE r.rolname !~ '^pg_' ORDER BY 1`

let source: PostgresServer
let copy: PostgresServer

beforeAll(async () => {
  source = await startPostgres()
  copy = await startPostgres()
  await source.sql(
    'postgres',
    `CREATE ROLE ${ODD_SQL} LOGIN PASSWORD 'secret-password' CONNECTION LIMIT 5 VALID UNTIL '2027-01-01';
     CREATE ROLE grp; CREATE ROLE adm CREATEROLE CREATEDB BYPASSRLS NOINHERIT; CREATE ROLE root2 SUPERUSER REPLICATION;
     COMMENT ON ROLE ${ODD_SQL} IS 'it''s; a $backup$ "role"
-- not a comment';
     ALTER ROLE grp SET search_path = "$user", 'my schema', public; ALTER ROLE grp SET work_mem = '7MB';
     ALTER ROLE grp SET application_name = 'back\\slash ''q''';
     GRANT grp TO ${ODD_SQL} WITH ADMIN OPTION; SET ROLE ${ODD_SQL}; RESET ROLE; GRANT adm TO grp;`,
  )
  if (source.majorVersion >= 15)
    await source.sql(
      'postgres',
      'GRANT SET ON PARAMETER work_mem TO adm WITH GRANT OPTION; SET ROLE adm; GRANT SET ON PARAMETER work_mem TO grp',
    )
})
afterAll(async () => {
  await source.stop()
  await copy.stop()
})

describe('reading roles', () => {
  test('FM17 FM16 they come back equal on another server, without passwords, and loading them again changes nothing', async () => {
    const reading = await read(source.target('postgres'))
    await copy.sql('postgres', reading.text)
    await copy.sql('postgres', 'ALTER ROLE adm NOCREATEDB')
    await copy.sql('postgres', reading.text)

    const copied = await copy.query('postgres', DESCRIBE)
    await copy.sql('postgres', 'ALTER ROLE adm CREATEDB')

    expect(reading.status).toBe('complete')
    expect(reading.text).not.toContain('SCRAM')
    expect(reading.text).not.toContain('secret-password')
    expect(reading.text).toContain('No passwords are in here')
    expect(reading.notes).toEqual([expect.stringContaining('without their passwords')])
    expect(copied.find(role => role.rolname === 'adm')).toMatchObject({ rolcreatedb: false })
    expect(await copy.query('postgres', DESCRIBE)).toEqual(await source.query('postgres', DESCRIBE))
    expect(copied.some(role => role.rolname === ODD)).toBe(true)
  })

  test('rights on parameters come back', async () => {
    const reading = await read(source.target('postgres'))
    await copy.sql('postgres', reading.text)
    const rights = `SELECT parname, ARRAY(SELECT grantee::regrole::text || privilege_type FROM aclexplode(paracl) WHERE grantee <> 10 ORDER BY 1) AS acl FROM pg_parameter_acl`

    const copied = await copy.query('postgres', rights)

    expect(copied).toEqual([{ parname: 'work_mem', acl: ['admSET', 'grpSET'] }])
  })

  test('FM18 a role without superuser rights reads them as well', async () => {
    const password = await source.createRole('modest')

    const reading = await read(source.target('postgres', 'modest', password))
    await source.query('postgres', 'DROP ROLE modest')

    expect(reading.status).toBe('complete')
    expect(reading.text).toContain('CREATE ROLE grp')
  })

  test('loading them as somebody without rights only warns', async () => {
    const reading = await read(source.target('postgres'))
    await using other = await startPostgres()
    await other.query('postgres', "CREATE ROLE nobody LOGIN PASSWORD 'x'")

    const asNobody = `SET ROLE nobody;\n${reading.text}\nSELECT count(*) FROM pg_roles WHERE rolname = 'grp'`
    const count = await other.sql('postgres', asNobody)

    expect(count).toBe('0')
  })

  test('FM18 a role that may not read them at all costs the roles part, not the backup', async () => {
    await using strict = await startPostgres()
    const password = await strict.createRole('blind')
    await strict.sql('postgres', 'REVOKE SELECT ON pg_catalog.pg_roles FROM PUBLIC')

    const reading = await read(strict.target('postgres', 'blind', password), strict)

    expect(reading.status).toBe('absent')
    expect(reading.notes).toEqual([expect.stringContaining('permission denied for')])
    expect(reading.text.split('\n').every(line => line === '' || line.startsWith('--'))).toBe(true)
  })

  test('FM17 a tool that fails costs the roles part; a server that is gone stops the backup', async () => {
    await using gone = await startPostgres()
    await gone.crash()
    const broken = { ...toolsOf(source), pgDumpall: '/bin/false' }
    const options = { env: {}, applicationName: 'test', tools: broken, timeoutMs: 0 }

    const reading = await readRoles(source.target('postgres'), options, new AbortController().signal)
    const lost = await operatorError(read(gone.target('postgres')))

    expect(reading).toMatchObject({ status: 'absent', notes: [expect.stringContaining('exit code 1')] })
    expect(lost.kind).toBe('connection')
  })
})

describe('FM113 a pg_dumpall that cannot connect keeps the reason to itself, and it is told all the same:', () => {
  test('a refused password', async () => {
    const error = await operatorError(read(source.target('postgres', 'postgres', 'another one')))

    expect(error).toMatchObject({
      kind: 'authentication',
      sqlstate: '28P01',
      hint: expect.stringContaining('password'),
    })
    expect(error.message).toMatch(/pg_dumpall: could not connect: password authentication failed for user "postgres"$/)
  })

  test('a database that is not there', async () => {
    const error = await operatorError(read(source.target('nowhere')))

    expect(error.kind).toBe('configuration')
    expect(error.message).toMatch(/pg_dumpall: could not connect: database "nowhere" does not exist$/)
  })

  test('a role at its limit of connections', async () => {
    const password = await source.createRole('limited', { attributes: 'CONNECTION LIMIT 0' })

    const error = await operatorError(read(source.target('postgres', 'limited', password)))
    await source.sql('postgres', 'DROP ROLE limited')

    expect(error).toMatchObject({ kind: 'connection', sqlstate: '53300' })
    expect(error.message).toMatch(/pg_dumpall: could not connect: too many connections for role "limited"$/)
  })

  test('a server that is gone', async () => {
    await using gone = await startPostgres()
    await gone.crash()

    const error = await operatorError(read(gone.target('postgres')))

    expect(error.kind).toBe('connection')
    expect(error.message).toContain('pg_dumpall: could not connect: it refused the connection (ECONNREFUSED)')
  })

  test('nothing that lasts', async () => {
    const tool = source.writeFile(
      'pg_dumpall',
      '#!/bin/sh\necho \'pg_dumpall: error: could not connect to database "x"\' >&2\nexit 1\n',
    )
    chmodSync(tool, 0o700)
    const options = { env: {}, applicationName: 'test', tools: { ...toolsOf(source), pgDumpall: tool }, timeoutMs: 0 }

    const error = await operatorError(readRoles(source.target('postgres'), options, new AbortController().signal))

    expect(error).toMatchObject({ kind: 'connection', hint: expect.stringContaining('limit of connections') })
    expect(error.message).toContain('could not connect, and a session a moment later could')
  })
})

async function read(target: DatabaseTarget, of: PostgresServer = source): Promise<RolesReading> {
  const options = { env: {}, applicationName: 'test', tools: toolsOf(of), timeoutMs: 60_000 }
  return await readRoles(target, options, new AbortController().signal)
}
