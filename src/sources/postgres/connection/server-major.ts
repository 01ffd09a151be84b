import type { Connection } from './connection.ts'

/** The major version of the server of a session. */
export async function serverMajor(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ version: string }>(
    "SELECT pg_catalog.current_setting('server_version_num') AS version",
  )
  return Math.floor(Number(row?.version) / 10_000)
}
