import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { asOwner, freePort } from './postgres-cluster.ts'
import type { PostgresServer } from './postgres-server.ts'

/** A PgBouncer in transaction mode before this server. `settings` are further lines of its configuration. */
export async function startPgbouncer(
  server: PostgresServer,
  settings: readonly string[] = [],
): Promise<{ readonly port: number } & AsyncDisposable> {
  const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(exists)
  if (program === undefined)
    throw new Error('pgbouncer: not found in /usr/sbin or /usr/bin; expected the package pgbouncer')
  const folder = mkdtempSync(path.join(tmpdir(), 'pgbouncer-'))
  const port = await freePort()
  const users = write(folder, 'users.txt', `"${server.superuser}" "${server.password}"\n`)
  const file = write(folder, 'pgbouncer.ini', configuration({ server, port, users, settings }))
  for (const name of [folder, users, file])
    if (server.owner !== null) chownSync(name, server.owner.uid, server.owner.gid)
  const [command, args] = asOwner(server, [program, file])
  const child = spawn(command, args, { stdio: 'ignore' })
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer: it ended with ${child.exitCode}; expected it to listen`)
    await pause(25)
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true })
    },
  }
}

function configuration(of: {
  server: PostgresServer
  port: number
  users: string
  settings: readonly string[]
}): string {
  return [
    '[databases]',
    `* = host=127.0.0.1 port=${of.server.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${of.port}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${of.users}`,
    'pool_mode = transaction',
    ...of.settings,
    '',
  ].join('\n')
}

function write(folder: string, name: string, content: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, content, { mode: 0o600 })
  return file
}

function exists(file: string): boolean {
  try {
    accessSync(file)
    return true
  } catch {
    return false
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
