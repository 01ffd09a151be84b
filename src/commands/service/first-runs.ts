import type { LoopState } from '../../schedule/loop.ts'
import { lastStartOf, missedRuns, type PastRun } from '../../schedule/missed.ts'
import { enqueue, type QueuedRun } from '../../schedule/queue.ts'
import { type ScheduledRun, serviceMode } from '../../schedule/scheduled-run.ts'
import { type DueRun, startTimetable } from '../../schedule/timetable.ts'
import type { HistoryLine } from '../../status/history-line.ts'
import type { Context } from '../context.ts'
import { pastLines } from '../tell-of-run.ts'
import type { ConfigurationInForce } from './configuration-in-force.ts'

/** How the service begins. */
export interface FirstRuns {
  readonly loop: LoopState
  /** Runs that were due while nothing ran. */
  readonly missed: readonly DueRun[]
}

/**
 * What is due when, and what waits already: in legacy mode the first backup, as with the bash tool; in cron mode what was
 * missed, if RUN_MISSED says so.
 */
export async function firstRuns(context: Context, inForce: ConfigurationInForce): Promise<FirstRuns> {
  const now = context.clock.now()
  const lines = await pastLines(context)
  const { runs, configuration } = inForce
  if (serviceMode(configuration) === 'legacy') {
    const waiting = runs.map((run): QueuedRun => ({ run, dueAt: now, trigger: 'schedule' }))
    const timetable = startTimetable(runs, { now, lastStart: () => null })
    return { loop: { timetable, running: null, waiting }, missed: [] }
  }
  const { missed, lastStart } = pastOf(lines, runs, now)
  const made = configuration.settings.runMissed ? missed : []
  const waiting = made.reduce<readonly QueuedRun[]>((queue, run) => enqueue(queue, { ...run, trigger: 'missed' }), [])
  return { loop: { timetable: startTimetable(runs, { now, lastStart }), running: null, waiting }, missed }
}

/** What the history's lines, oldest first, say at `now`. A run that was interrupted did not do its work, and does not count. */
function pastOf(lines: readonly HistoryLine[], runs: readonly ScheduledRun[], now: Date) {
  const past = lines
    .filter(line => line.type === 'run')
    .filter(({ report }) => !report.interrupted)
    .map(({ schedule, report }): PastRun => {
      const ofSome = report.mode === 'backup' && report.only !== undefined
      return { mode: report.mode, schedule, ofSome, startedAt: new Date(report.startedAt) }
    })
  return {
    missed: missedRuns(runs, { now, past, knownSince: knownSince(lines) }),
    lastStart: (run: ScheduledRun) => lastStartOf(run, past),
  }
}

function knownSince(lines: readonly HistoryLine[]): Date | null {
  const times = lines.map(line => Date.parse(line.type === 'run' ? line.report.startedAt : line.at))
  return times.length === 0 ? null : new Date(Math.min(...times))
}
