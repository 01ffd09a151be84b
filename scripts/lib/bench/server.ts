import path from 'node:path'
import { type PostgresServer, startPostgres } from '../../../test/support/postgres-server.ts'

/**
 * A throw-away server with PostgreSQL's own default settings, except that it never waits for the disk. It stops at once
 * when the signal is aborted, which ends whatever is being asked of it.
 */
export async function startBenchServer(folder: string, signal: AbortSignal): Promise<PostgresServer> {
  const settings = { shared_buffers: '128MB', synchronous_commit: 'on', full_page_writes: 'on' }
  const server = await startPostgres({ folder, settings })
  // A failure here is met again, and told, by the disposal.
  const stop = (): void => void server.stop().catch(() => {})
  if (signal.aborted) await server.stop()
  signal.throwIfAborted()
  signal.addEventListener('abort', stop, { once: true })
  return server
}

/** Environment of an alternative: libpq's variables lead it to the server, the server's own tools come first on PATH. */
export function clientEnvironment(server: PostgresServer): Record<string, string> {
  return {
    ...plainEnvironment(server),
    PGHOST: server.host,
    PGPORT: String(server.port),
    PGUSER: server.superuser,
    PGPASSWORD: server.password,
  }
}

/** Environment of a command that is not led to the server. */
export function plainEnvironment(server: PostgresServer): Record<string, string> {
  const searched = [path.resolve(server.binFolder), process.env.PATH ?? '/usr/bin:/bin'].join(':')
  return { PATH: searched, LC_ALL: 'C.UTF-8', TZ: 'UTC', HOME: server.folder }
}
