import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Attack } from '../corpus/hostile/attack.ts'
import { filledIn } from '../corpus/hostile/payload.ts'
import { archiveText } from './archives.ts'
import { clientEnvironment } from './database-picture.ts'
import type { Ground } from './hostile-ground.ts'
import { changedBuiltIns, changesSince, hasCrashed, putBack, stateOf } from './hostile-state.ts'
import { serverBinaries } from './postgres-cluster.ts'
import type { PostgresServer } from './postgres-server.ts'

/**
 * The same dumps, loaded by psql as a superuser and then dumped and looked at by one: what the witnesses say of each. For
 * an attack that is worth having it is something.
 */
export async function carelessly(
  ground: Ground,
  attacks: readonly Attack[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  let server = await ground.startTarget()
  try {
    for (const attack of attacks.filter(each => ground.archives.has(each.name))) {
      const before = await stateOf(server)
      found.set(attack.name, await loadOne(ground, attack, server))
      if (await putBack(server, before)) continue
      await server.stop()
      server = await ground.startTarget()
    }
  } finally {
    await server.stop()
  }
  return found
}

async function loadOne(ground: Ground, attack: Attack, server: PostgresServer): Promise<readonly string[]> {
  const { name, provoke = '' } = attack
  const before = await stateOf(server)
  await server.createDatabase(name)
  const text = archiveText(ground.archives.get(name) ?? '', attack.tampered?.noManifest === true ? undefined : 'dump')
  const places = {
    traces: ground.traces.folder,
    listenerPort: ground.traces.listenerPort,
    sourcePort: ground.source.port,
  }
  await psql(server, name, text)
  if (provoke !== '') await psql(server, name, filledIn(provoke, name, places))
  await dump(server, name)
  // A superuser's code may take away what the question needs.
  const after = await stateOf(server).catch(() => null)
  const log = server.log().slice(before.logLength)
  const tripped = [
    ...ground.traces.take(name),
    ...(after === null ? ['the server is no longer what it was'] : changesSince(before, after, name)),
    ...(log.includes(`hostile ${name}: `) ? ['code ran as a superuser'] : []),
    ...(hasCrashed(log) ? ['the server crashed'] : []),
    ...(await changedBuiltIns(server, name).catch(() => [])),
  ]
  await server.query('postgres', `DROP DATABASE "${name}" WITH (FORCE)`).catch(() => {})
  return tripped
}

/** Past all errors, as people do. */
async function psql(server: PostgresServer, database: string, text: string): Promise<void> {
  const own = join(server.binFolder, 'psql')
  const child = execFile(existsSync(own) ? own : join(serverBinaries(), 'psql'), ['-X', '-q', '-f', '-'], {
    env: { ...clientEnvironment(server, database), PGCLIENTENCODING: 'UTF8' },
    maxBuffer: 1e9,
  })
  child.stdin?.on('error', () => {})
  child.stdin?.end(Buffer.from(text, 'latin1'))
  const { promise, resolve } = Promise.withResolvers<void>()
  child.on('close', () => resolve())
  await promise
}

/** As the superuser, by a pg_dump that may be too old for the server: then nothing is dumped. */
async function dump(server: PostgresServer, database: string): Promise<void> {
  const own = join(server.binFolder, 'pg_dump')
  const tool = existsSync(own) ? own : join(serverBinaries(), 'pg_dump')
  await promisify(execFile)(tool, [], { env: clientEnvironment(server, database), maxBuffer: 1e9 }).catch(() => {})
}
