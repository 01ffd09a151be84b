import type { DatabaseTarget } from '../../config/database-target.ts'
import { type Connection, type ConnectOptions, connect } from '../../postgres/connection.ts'
import { lockHolders } from '../../postgres/made/lock-holders.ts'
import { type MadeThing, readMade } from '../../postgres/made/made-things.ts'

/**
 * What restores into this database have left on its server, each as a text for a person: what died with its run, and
 * what is kept. Any role may ask. Rejects with an OperatorError.
 */
export async function leftByRestores(
  target: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using connection = await connect(target, options, signal)
  const made = await readMade(connection, target.database)
  const own = made.filter(({ marker }) => marker === null || marker.target === target.database)
  const kept = own.filter(({ marker }) => marker?.state === 'kept')
  const dead = (await isRestoring(connection, target)) ? [] : own.filter(thing => !kept.includes(thing))
  return [
    ...(dead.length === 0 ? [] : [`left by a restore that died, removed by the next one: ${namesOf(dead)}`]),
    ...(kept.length === 0 ? [] : [`loaded, kept and not swapped in: ${namesOf(kept)}`]),
  ]
}

async function isRestoring(connection: Connection, { database }: DatabaseTarget): Promise<boolean> {
  return (await lockHolders(connection, database)).length > 0
}

function namesOf(things: readonly MadeThing[]): string {
  return things.map(({ kind, name }) => `${kind} ${name}`).join(', ')
}
