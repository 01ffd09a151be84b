import type { DatabaseTarget } from '../../../config/database-target.ts'
import { type ConnectOptions, connect } from '../connection/connection.ts'
import { lockHolders } from './lock-holders.ts'
import { type MadeThing, readMade } from './made-things.ts'

/**
 * What restores into this database have left on its server, each as a text for a person: what died with its run, and
 * what is kept; and whether one is under way. Any role may ask, inside any database of the
 * server. Rejects with an OperatorError.
 */
export async function leftByRestores(
  target: DatabaseTarget,
  inside: DatabaseTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await using connection = await connect(inside, options, signal)
  const made = await readMade(connection, target.database)
  const own = made.filter(({ marker }) => marker === null || marker.target === target.database)
  const kept = own.filter(({ marker }) => marker?.state === 'kept')
  const [restoring] = await lockHolders(connection, target.database)
  const dead = restoring !== undefined ? [] : own.filter(thing => !kept.includes(thing))
  return [
    ...(restoring === undefined ? [] : [`being restored now by ${restoring.text}`]),
    ...(dead.length === 0 ? [] : [`left by a restore that died, removed by the next one: ${namesOf(dead)}`]),
    ...(kept.length === 0 ? [] : [`loaded, kept and not swapped in: ${namesOf(kept)}`]),
  ]
}

function namesOf(things: readonly MadeThing[]): string {
  return things.map(({ kind, name }) => `${kind} ${name}`).join(', ')
}
