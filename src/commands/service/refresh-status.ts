import { openCheckedArchives } from '../../catalog/checked.ts'
import { failureOf, failureText, logLinesOf } from '../../errors.ts'
import { readHistory } from '../../status/edge/history.ts'
import type { Clock } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { Context } from '../context.ts'
import { lookUpDatabases } from '../look-up-databases.ts'
import { readDatabaseStatus } from './database-status.ts'
import { serverStatus } from './server-status.ts'
import type { StatusBoard } from './status-board.ts'
import { readVolumeStatus } from './volume-status.ts'

/** Others may write to the same volume: a person, a CronJob, a prune. */
const REFRESH_MS = 5 * 60_000

/** The page waits for no server for long. */
const LOOK_UP = { everyServer: true, byArchives: true, connectTimeoutMs: 5_000 }
/** Told to end, the service ends when this has; it has its limits. */
const NEVER = new AbortController().signal

export interface StatusRefresher {
  /** Reads catalog, history and volume again, when it is time. It does not wait: a volume that hangs must not stop the scheduler. */
  whenDue(): void
  /** As above, now; what was under way is waited for first. */
  now(): Promise<void>
}

export function createRefresher(given: {
  readonly board: StatusBoard
  readonly clock: Clock
  readonly log: Log
  readonly env: Context['env']
  readonly runId: string
}): StatusRefresher {
  const { clock } = given
  let underWay: Promise<void> | null = null
  let lastMs = Number.NEGATIVE_INFINITY
  const start = (): Promise<void> => {
    lastMs = clock.monotonicMs()
    underWay = refresh(given).finally(() => {
      underWay = null
    })
    return underWay
  }
  return {
    whenDue() {
      if (underWay === null && clock.monotonicMs() - lastMs >= REFRESH_MS) void start()
    },
    async now() {
      await underWay
      await start()
    },
  }
}

/** Never rejects. What cannot be read keeps its last value, but for the volume, which then is not writable. */
async function refresh(given: Parameters<typeof createRefresher>[0]): Promise<void> {
  const { board, clock, log } = given
  const listed = board.known().inForce.configuration
  const { backupDir, timeZone } = listed.settings
  board.update({ volume: await readVolumeStatus(backupDir) })
  try {
    const lines = await readHistory(backupDir)
    const reports = lines.flatMap(line => (line.type === 'run' ? [line.report] : []))
    const warn = (text: string): void => log.warn('status-not-refreshed', { message: text })
    const { goodnessOf } = await openCheckedArchives(backupDir, warn)
    const { configuration } = await lookUpDatabases({ ...given, configuration: listed }, LOOK_UP, NEVER)
    const databases = await readDatabaseStatus(configuration, { now: clock.now(), reports, goodnessOf })
    board.update({ databases, servers: serverStatus(configuration.found, isoWithOffset(clock.now(), timeZone)) })
  } catch (error) {
    log.warn('status-not-refreshed', { message: failureText(failureOf(error)), lines: logLinesOf(error) })
  }
}
