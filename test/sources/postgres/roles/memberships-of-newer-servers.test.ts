import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRoleStatements } from '../../../../src/sources/postgres/roles/read-role-statements.ts'
import { rolesPart } from '../../../../src/sources/postgres/roles/role-statements.ts'
import { splitStatements } from '../../../../src/sources/postgres/sql/split-statements.ts'
import { backupFolder } from '../../../support/backup-program.ts'
import { startEmbedded } from '../../../support/embedded-postgres.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

/** As pg_dumpall 17 writes it. "the maker" has made app, as one with CREATEROLE does. */
const OF_17 = `
CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
CREATE ROLE "shy 100%";
ALTER ROLE "shy 100%" WITH NOSUPERUSER NOINHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
CREATE ROLE staff;
ALTER ROLE staff WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB NOLOGIN NOREPLICATION NOBYPASSRLS;
CREATE ROLE "the maker";
ALTER ROLE "the maker" WITH NOSUPERUSER INHERIT CREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
GRANT staff TO app WITH INHERIT TRUE GRANTED BY postgres;
GRANT app TO "the maker" WITH ADMIN OPTION, INHERIT FALSE, SET FALSE GRANTED BY postgres;
GRANT staff TO "the maker" WITH ADMIN OPTION, INHERIT TRUE GRANTED BY postgres;
GRANT staff TO "shy 100%" WITH INHERIT FALSE GRANTED BY postgres;
GRANT app TO "shy 100%" WITH INHERIT TRUE GRANTED BY postgres;
GRANT FROB ON PARAMETER work_mem TO app;
`

let older: PostgresServer
let newer: PostgresServer

beforeAll(async () => {
  ;[older, newer] = await Promise.all([startPostgres(), startEmbedded(17)])
}, 60_000)

afterAll(() => Promise.all([older?.stop(), newer?.stop()]))

/** What psql says when it loads a text as the README has it; rejects where it stops. */
async function load(server: PostgresServer, text: string): Promise<string> {
  using folder = backupFolder()
  const file = join(folder.path, 'roles.sql')
  writeFileSync(file, text)
  const env = { ...process.env, PGPASSWORD: server.password }
  const target = ['-h', server.host, '-p', String(server.port), '-U', server.superuser, '-d', 'postgres']
  const { stderr } = await promisify(execFile)('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...target, '-f', file], {
    env,
  })
  return stderr
}

async function memberships(server: PostgresServer, options = ''): Promise<readonly string[]> {
  const rows = await server.query(
    'postgres',
    `SELECT concat_ws(' ', roleid::regrole, 'to', member::regrole, CASE WHEN admin_option THEN 'admin' END ${options}) AS line
     FROM pg_auth_members WHERE roleid >= 16384 ORDER BY 1`,
  )
  return rows.map(({ line }) => String(line))
}

describe('the roles part of a server from 16 on', { timeout: 60_000 }, () => {
  test('FM157 loads on an older server with psql, which names what it has no words for', async () => {
    const warnings = await load(older, rolesPart(OF_17).text)

    expect(await memberships(older)).toEqual(['staff to "shy 100%"', 'staff to "the maker" admin', 'staff to app'])
    const reason = 'this server can only give more than the archive says'
    expect(warnings).toContain(`WARNING:  role "shy 100%" was not made a member of app: ${reason}\n`)
    expect(warnings).toContain(`WARNING:  role "the maker" was not made a member of app: ${reason}\n`)
    expect(warnings).toMatch(/WARNING: {2}.*FROB/i)
  })

  test('FM157 loads on a server of its own major as it was, and is read back as it was', async () => {
    const text = rolesPart(OF_17).text
    await load(newer, text)
    const read = readRoleStatements(splitStatements(Buffer.from(text)).statements, 'utf8')

    const options = ", CASE WHEN inherit_option THEN 'inherit' END, CASE WHEN NOT set_option THEN 'unset' END"
    expect(await memberships(newer, options)).toEqual([
      'app to "shy 100%" inherit',
      'app to "the maker" admin unset',
      'staff to "shy 100%"',
      'staff to "the maker" admin inherit',
      'staff to app inherit',
    ])
    expect(read.leftOut.map(each => each.toString())).toEqual([expect.stringContaining('FROB')])
    expect(read.roles.memberships.map(({ role, member, inherit, set }) => [role, member, inherit, set])).toEqual([
      ['staff', 'app', null, true],
      ['app', 'the maker', false, false],
      ['staff', 'the maker', null, true],
      ['staff', 'shy 100%', null, true],
      ['app', 'shy 100%', true, true],
    ])
  })
})
