import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { type Connection, type ConnectOptions, connect } from '../connection/connection.ts'
import { nameOfDatabase, unmakeTemplate } from '../made/drop-database.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { NumberedDatabase } from './swap-state.ts'
import { withoutSessions } from './without-sessions.ts'

/**
 * Drops the live database, for a restore in place: its sessions are ended, newcomers wait. Nothing brings it back.
 * Throws an OperatorError, also where another database has its name by now; a lost answer can mean that it is dropped.
 */
export async function dropLiveDatabase(
  input: {
    readonly admin: DatabaseTarget
    readonly connect: ConnectOptions
    readonly clock: Clock
    readonly live: NumberedDatabase
  },
  signal: AbortSignal,
): Promise<void> {
  await using ender = await connect(input.admin, input.connect, signal)
  await using dropper = await connect(input.admin, input.connect, signal)
  const given = { ender, databaseOids: [input.live.oid], clock: input.clock }
  await withoutSessions(() => drop(dropper, input), given)
}

async function drop(
  dropper: Connection,
  { admin, live }: { readonly admin: DatabaseTarget; readonly live: NumberedDatabase },
): Promise<void> {
  if ((await nameOfDatabase(dropper, live.oid)) !== live.name) {
    const place = targetName({ ...admin, database: live.name })
    throw new OperatorError('server', `${place}: it is another database now; expected the one of the plan`, {
      hint: 'somebody else is at work on this server; nothing was dropped',
    })
  }
  await unmakeTemplate(dropper, live.oid)
  await dropper.query(`DROP DATABASE ${quoteIdentifier(live.name)}`)
}
