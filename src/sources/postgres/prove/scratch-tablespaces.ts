import { chown, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Connection, connect } from '../connection/connection.ts'
import type { ScratchServer } from '../scratch/scratch-server.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'

/** Makes tablespaces of these names, empty and inside the scratch server's data folder, unless they are there. */
export async function createTablespaces(
  server: Pick<ScratchServer, 'env' | 'target' | 'major' | 'dataFolder'>,
  { names, applicationName }: { readonly names: readonly string[]; readonly applicationName: string },
  signal: AbortSignal,
): Promise<void> {
  if (names.length === 0) return
  const options = { env: server.env, applicationName }
  await using admin = await connect(server.target('postgres'), options, signal)
  const rows = await admin.query<{ name: string }>('SELECT spcname AS name FROM pg_catalog.pg_tablespace')
  const there = new Set(rows.map(row => row.name))
  for (const name of names.filter(each => !there.has(each))) await createOne(admin, name, server)
}

async function createOne(
  admin: Connection,
  name: string,
  server: Pick<ScratchServer, 'major' | 'dataFolder'>,
): Promise<void> {
  // Since 15 a server can keep a tablespace in its data folder.
  const isInPlace = server.major >= 15
  if (isInPlace) await admin.query('SET allow_in_place_tablespaces = on')
  const location = isInPlace ? '' : await makeLocation(server.dataFolder, name)
  await admin.query(`CREATE TABLESPACE ${quoteIdentifier(name)} LOCATION ${quoteLiteral(location)}`)
}

/** A folder of the user that the server runs as. Elsewhere a confined server could not write; PostgreSQL only warns of it. */
async function makeLocation(folder: string, name: string): Promise<string> {
  const location = join(folder, `tablespace-${Buffer.from(name).toString('hex').slice(0, 100)}`)
  const { uid, gid } = await stat(folder)
  await mkdir(location, { mode: 0o700 })
  await chown(location, uid, gid)
  return location
}
