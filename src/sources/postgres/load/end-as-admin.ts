import { PackedList } from '../sql/packed-list.ts'
import { closeDatabase } from './close-database.ts'
import { type DeferredContext, runDeferred } from './deferred-statements.ts'
import type { Extensions } from './extensions.ts'
import type { LoadSession } from './load-session.ts'
import type { RefusedToLoader } from './refused-to-loader.ts'
import { readServerStatements } from './server-statements.ts'
import type { SuperuserObjects } from './superuser-objects.ts'

/** Statements that wait for the end of a load, by their route. Packed: a database with many large objects has several for each. */
export class WaitingStatements {
  readonly late = new PackedList()
  readonly mapping = new PackedList()
  readonly deferred = new PackedList()
  readonly last = new PackedList()
  readonly server = new PackedList()
}

interface EndInput extends DeferredContext {
  readonly loader: LoadSession
  readonly extensions: Extensions
  readonly refused: RefusedToLoader
  readonly superuser: SuperuserObjects
}

/**
 * The end of a load, which is the admin's: the loader's work is done, and no code of the archive can run any more. Makes whole what
 * was made in a lesser form, and gives everything to whom it belongs. Rejects where the load has to end.
 */
export async function endAsAdmin(waiting: WaitingStatements, input: EndInput): Promise<void> {
  tellServerStatements(waiting, input)
  await closeOff(input)
  await runDeferred(waiting.mapping, input)
  await input.superuser.complete()
  await runDeferred(waiting.deferred, input)
  await runDeferred(waiting.last, input)
}

/** Before the admin makes anything whole or gives anything away. A scratch server has no others on it. */
async function closeOff({ admin, loader, isScratch, refused, extensions }: EndInput): Promise<void> {
  if (!admin.isSuperuser || admin.user === loader.user) return
  if (!isScratch) await closeDatabase(admin)
  await refused.requireHarmless()
  await extensions.close()
}

function tellServerStatements({ server }: WaitingStatements, { outcome }: EndInput): void {
  const { databaseBlocks, leftOut } = readServerStatements([...server])
  outcome.notGiven.push(...leftOut)
  outcome.databaseBlocks.push(...databaseBlocks)
}
