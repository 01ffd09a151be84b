import type { DatabaseTarget } from '../../config/database-target.ts'
import type { Clock } from '../../system/clock.ts'
import { type ConnectOptions, connect } from '../connection.ts'
import { quoteIdentifier } from '../quote.ts'
import type { NumberedDatabase } from './swap-state.ts'
import { withoutSessions } from './without-sessions.ts'

/**
 * Drops the live database, for a restore in place: its sessions are ended, newcomers wait. Nothing brings it back.
 * Throws an OperatorError; a lost answer can mean that it is dropped.
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
  const statement = `DROP DATABASE ${quoteIdentifier(input.live.name)}`
  const given = { ender, databaseOids: [input.live.oid], clock: input.clock }
  await withoutSessions(() => dropper.query(statement), given)
}
