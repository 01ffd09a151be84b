import { randomBytes } from 'node:crypto'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { createDatabase } from '../made/create-database.ts'
import type { DatabaseShape } from '../made/database-shape.ts'
import { dropDatabase, dropSubscriptions, hasSubscriptions } from '../made/drop-database.ts'
import { dropPublic } from '../made/drop-public.ts'
import { createLoader, dropRole, type Loader } from '../made/loader-role.ts'
import { openReader, type Reader } from '../made/reader-role.ts'
import type { LoadableDatabase } from '../round-trip/load-archive.ts'
import { CRON_DATABASES } from '../scratch/preload.ts'
import type { Scratch } from './scratch-servers.ts'

/**
 * Server parameters of every session that is begun after the load: from 17 on a login event trigger of the archive would
 * run as the admin.
 */
export function afterLoad({ server }: Pick<Scratch, 'server'>): Readonly<Record<string, string>> {
  return server.major >= 17 ? { event_triggers: 'off' } : {}
}

/**
 * Makes a database of this shape, owned by a loader of its own, whom it is left to. Its `connect` is for sessions of the
 * admin before the archive is loaded; see `afterLoad` for later ones. Nothing of it is dropped once the server is dead.
 */
export async function createScratchDatabase(
  scratch: Scratch,
  given: { readonly shape: DatabaseShape; readonly applicationName: string },
  signal: AbortSignal,
): Promise<LoadableDatabase> {
  const { server } = scratch
  const options: ConnectOptions = {
    env: server.env,
    applicationName: given.applicationName,
    queryTimeoutMs: LONGEST_MS,
  }
  await using admin = await connect(server.target('postgres'), options, signal)
  const name = await freeName(server, admin)
  const loader = await createLoader(admin)
  const oid = await createDatabase(admin, { name, owner: loader.name, shape: given.shape })
  if (given.shape.withoutPublic === true) await dropPublic(server.target(name), options, signal)
  return {
    ...{ name, admin: server.target(name), handOver: async () => [] },
    loader: { ...server.target(name), user: loader.name, password: loader.password },
    connect: options,
    [Symbol.asyncDispose]: () => drop(scratch, { name, oid, loader, options }),
  }
}

/** Where pg_cron is preloaded, one that it can be made in: no more than two are there at a time. */
async function freeName({ preload }: Scratch['server'], admin: Connection): Promise<string> {
  const random = `proof_${randomBytes(8).toString('hex')}`
  if (!preload.includes('pg_cron')) return random
  const rows = await admin.query<{ name: string }>('SELECT datname AS name FROM pg_catalog.pg_database')
  return CRON_DATABASES.find(name => !rows.some(row => row.name === name)) ?? random
}

/** Makes the role that reads back what is loaded; see `openReader`. */
export async function openScratchReader(
  scratch: Scratch,
  { connect: options }: Pick<LoadableDatabase, 'connect'>,
  signal: AbortSignal,
): Promise<Reader> {
  const parameters = afterLoad(scratch)
  return await openReader({ admin: scratch.server.target('postgres'), connect: { ...options, parameters } }, signal)
}

/** Dropping a large database takes its time. */
const LONGEST_MS = 600_000

interface Doomed {
  readonly name: string
  readonly oid: number
  readonly loader: Loader
  readonly options: ConnectOptions
}

/** At once, so that the next database has the space; a server that died has nothing to drop. */
async function drop(scratch: Scratch, { name, oid, loader, options }: Doomed): Promise<void> {
  const { server } = scratch
  if (server.exited.aborted) return
  try {
    await withSession(scratch, { database: 'postgres', options }, async admin => {
      const subscribes = await hasSubscriptions(admin, oid)
      if (subscribes) await withSession(scratch, { database: name, options }, inside => dropSubscriptions(inside, oid))
      await dropDatabase(admin, oid)
      await dropRole(admin, loader.oid)
    })
  } catch {
    // The whole server is thrown away at the end of the run.
  }
}

/** A signal of its own: what was made is dropped also after an interruption. */
async function withSession(
  { server }: Scratch,
  { database, options }: { readonly database: string; readonly options: ConnectOptions },
  work: (admin: Connection) => Promise<void>,
): Promise<void> {
  const parameters = afterLoad({ server })
  const own = AbortSignal.any([server.exited, AbortSignal.timeout(LONGEST_MS)])
  await using admin = await connect(server.target(database), { ...options, parameters }, own)
  await work(admin)
}
