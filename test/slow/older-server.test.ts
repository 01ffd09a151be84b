import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { rolesPart } from '../../src/sources/postgres/roles/role-statements.ts'
import { backupFolder } from '../support/backup-program.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { startInTrixie } from '../support/trixie-root.ts'

/** What pg_dumpall 17 says of a server with the memberships that people have, one of which the server itself has made. */
const DUMPALL_OF_17 = `set -e
cd /tmp; printf 'u:x:1000690000:0::/tmp:/bin/sh\\n' >passwd
LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/etc/group initdb -D data -U postgres --no-sync -A trust >&2
pg_ctl -D data -o "-c listen_addresses='' -c unix_socket_directories=/tmp" -w start >&2
psql -qXh /tmp -U postgres -v ON_ERROR_STOP=1 >&2 <<'SQL'
CREATE ROLE app LOGIN; CREATE ROLE staff; CREATE ROLE maker CREATEROLE LOGIN;
GRANT staff TO app; GRANT staff TO maker WITH ADMIN OPTION;
SET ROLE maker; CREATE ROLE made;
SQL
pg_dumpall -h /tmp -U postgres --roles-only --no-role-passwords
pg_ctl -D data -m immediate stop >&2`

test('FM157 what pg_dumpall 17 says of roles loads on an older server with psql, as our roles part', async () => {
  await using server = await startPostgres()
  using folder = backupFolder()
  const { code, stdout, stderr } = await startInTrixie(['sh', '-c', DUMPALL_OF_17]).result
  const file = join(folder.path, 'roles.sql')
  writeFileSync(file, rolesPart(stdout).text)
  const target = ['-h', server.host, '-p', String(server.port), '-U', server.superuser, '-d', 'postgres']
  const env = { ...process.env, PGPASSWORD: server.password }

  const loaded = await promisify(execFile)('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...target, '-f', file], {
    env,
  })
  const rows = await server.query(
    'postgres',
    "SELECT concat_ws(' ', roleid::regrole, 'to', member::regrole, CASE WHEN admin_option THEN 'admin' END) AS line FROM pg_auth_members WHERE roleid >= 16384 ORDER BY 1",
  )

  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('WITH ADMIN OPTION, INHERIT FALSE, SET FALSE')
  expect(server.majorVersion).toBeLessThan(16)
  expect(rows.map(({ line }) => line)).toEqual(['staff to app', 'staff to maker admin'])
  expect(loaded.stderr).toContain('role maker was not made a member of made: this server can only give more')
}, 120_000)
