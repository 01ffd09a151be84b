import { openCheckedArchives } from '../../catalog/checked.ts'
import { failureOf, failureText, logLinesOf } from '../../errors.ts'
import { readHistory } from '../../status/edge/history.ts'
import type { Clock } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'
import { readDatabaseStatus } from './database-status.ts'
import type { StatusBoard } from './status-board.ts'
import { readVolumeStatus } from './volume-status.ts'

/** Others may write to the same volume: a person, a CronJob, a prune. */
const REFRESH_MS = 5 * 60_000

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
async function refresh({ board, clock, log }: Parameters<typeof createRefresher>[0]): Promise<void> {
  const { configuration } = board.known().inForce
  const { backupDir } = configuration.settings
  board.update({ volume: await readVolumeStatus(backupDir) })
  try {
    const lines = await readHistory(backupDir)
    const reports = lines.flatMap(line => (line.type === 'run' ? [line.report] : []))
    const warn = (text: string): void => log.warn('status-not-refreshed', { message: text })
    const { goodnessOf } = await openCheckedArchives(backupDir, warn)
    board.update({ databases: await readDatabaseStatus(configuration, { now: clock.now(), reports, goodnessOf }) })
  } catch (error) {
    log.warn('status-not-refreshed', { message: failureText(failureOf(error)), lines: logLinesOf(error) })
  }
}
