import type { DatabaseTarget } from '../../../../src/config/database-target.ts'
import { connect } from '../../../../src/sources/postgres/connection/connection.ts'
import { type LoadInput, type LoadReport, loadDump } from '../../../../src/sources/postgres/load/load-dump.ts'
import { createLoader } from '../../../../src/sources/postgres/made/loader-role.ts'
import { dumpOf } from '../../../support/dumping.ts'
import type { PostgresServer } from '../../../support/postgres-server.ts'

const OPTIONS = { env: {}, applicationName: 'load test' }
const NEVER = new AbortController().signal

export interface EmptyDatabase {
  readonly admin: DatabaseTarget
  readonly loader: DatabaseTarget
  readonly loaderName: string
}

/** An empty database of a new loader; `shape` such as `ENCODING 'LATIN1' …`. */
export async function emptyDatabase(server: PostgresServer, name: string, shape = ''): Promise<EmptyDatabase> {
  await using admin = await connect(server.target('postgres'), OPTIONS, NEVER)
  const loader = await createLoader(admin)
  await server.createDatabase(name, { owner: loader.name, with: `TEMPLATE template0 ${shape}` })
  const target = server.target(name)
  return { admin: target, loader: { ...target, user: loader.name, password: loader.password }, loaderName: loader.name }
}

/** Loads a dump into an empty database, as a scratch server would. */
export async function loadInto(
  database: EmptyDatabase,
  dump: string | Buffer | AsyncIterable<Buffer>,
  options: Partial<LoadInput> = {},
): Promise<LoadReport> {
  const input: LoadInput = {
    admin: database.admin,
    loader: database.loader,
    connect: OPTIONS,
    dump: typeof dump === 'string' || Buffer.isBuffer(dump) ? chunksOf(Buffer.from(dump)) : dump,
    clientEncoding: null,
    data: 'with-rows',
    jobs: 2,
    ignoreErrors: false,
    missingRoles: 'create',
    superuserObjects: async () => 'never',
    ...options,
  }
  return await loadDump(input, NEVER)
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield Buffer.from(bytes.subarray(at, at + 65_536))
}

/** The dump of a database as our own pg_dump call makes it, without the random key. */
export async function dumpBytes(server: PostgresServer, database: string, clientEncoding = 'UTF8'): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of dumpOf(server, server.target(database), { clientEncoding }).stream) chunks.push(chunk)
  const text = Buffer.concat(chunks)
    .toString('latin1')
    .replace(/^\\(un)?restrict .*$/gm, '')
  return Buffer.from(text, 'latin1')
}
