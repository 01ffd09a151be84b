import { failureOf, failureText } from '../../../errors.ts'
import { connect } from '../connection/connection.ts'
import { isRemovable, type MadeThing, readMade } from '../made/made-things.ts'
import { removeMade } from '../made/remove-made.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { tellLeftBehind } from './planned-side.ts'
import type { RestoreRun } from './restore-run.ts'

/**
 * Removes what runs have left on the server that died while they restored into this target: whoever holds its lock knows
 * that none of them lives. Says so in one line. What can't be removed is told and stops nothing.
 */
export async function removeDead(run: RestoreRun, signal: AbortSignal): Promise<void> {
  const { lock, state, plan } = run
  // Asked anew, and first of all whether the lock is still ours.
  const holder = await lock.session(signal)
  const found = await readMade(holder, plan.target.database)
  const removed: MadeThing[] = []
  for (const thing of found.filter(each => isRemovable(each, state.survey.base)))
    if (await remove(run, thing, signal)) removed.push(thing)
  if (removed.length > 0) tellRemoved(run, removed)
}

async function remove(run: RestoreRun, thing: MadeThing, signal: AbortSignal): Promise<boolean> {
  const { maintenance, connect: options } = run.state
  try {
    await using admin = await connect(maintenance, options, signal)
    await removeMade(thing, { admin, maintenance, connect: options }, signal)
    return true
  } catch (error) {
    signal.throwIfAborted()
    const statement = `DROP ${thing.kind.toUpperCase()} IF EXISTS ${quoteIdentifier(thing.name)};`
    tellLeftBehind(run, { statements: [statement], reason: failureText(failureOf(error)) })
    return false
  }
}

function tellRemoved({ context, say }: RestoreRun, removed: readonly MadeThing[]): void {
  const names = removed.map(({ kind, name }) => `${kind} ${name}`).join(', ')
  const runs = [...new Set(removed.flatMap(({ marker }) => (marker === null ? [] : [marker.run])))]
  context.log.warn('dead-restore-removed', { names, runs })
  const whose = runs.length === 0 ? 'a restore that died' : `restores that died (${runs.join(', ')})`
  say([`removed ${names}: left by ${whose}`])
}
