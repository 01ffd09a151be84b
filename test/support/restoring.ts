import { backupEnvironment } from './archives.ts'
import type { BackupFolder, ProgramResult, RunningProgram } from './backup-program.ts'
import { startBackup } from './backup-program.ts'
import type { PostgresServer } from './postgres-server.ts'

export interface Restore {
  readonly folder: BackupFolder
  /** Another server than the one that was backed up, or another admin than its superuser. */
  readonly admin?: { readonly name: string; readonly password: string }
  readonly env?: Readonly<Record<string, string>>
}

/** Starts `backup -r` for a database of a server, with the admin's credentials in the environment. */
export function startRestore(
  server: PostgresServer,
  database: string,
  given: Restore & { readonly args?: readonly string[] },
): RunningProgram {
  const { folder, args = ['--yes'], admin = { name: server.superuser, password: server.password } } = given
  const spec = `postgres=127.0.0.1:${server.port}/${encodeURIComponent(database)}`
  const env = {
    ...backupEnvironment(server, folder),
    _127_0_0_1_ADMIN_USER: admin.name,
    _127_0_0_1_ADMIN_PASSWORD: admin.password,
    ...given.env,
  }
  return startBackup(['-r', spec, ...args], { conf: folder.conf, env })
}

export function runRestore(...given: Parameters<typeof startRestore>): Promise<ProgramResult> {
  return startRestore(...given).result
}

/** The databases of a server, sorted, without its own. */
export async function databasesOf(server: PostgresServer): Promise<readonly string[]> {
  const rows = await server.query(
    'postgres',
    `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`,
  )
  return rows.map(row => String(row.datname))
}

/** The roles of a server that loads have left, which should be none. */
export async function loadersOn(server: PostgresServer): Promise<readonly string[]> {
  const rows = await server.query('postgres', `SELECT rolname FROM pg_roles WHERE rolname LIKE 'backup_loader_%'`)
  return rows.map(row => String(row.rolname))
}
