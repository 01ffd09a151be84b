import { lastStartOf, missedRuns, type PastRun } from '../../schedule/missed.ts'
import type { ScheduledRun } from '../../schedule/scheduled-run.ts'
import type { DueRun } from '../../schedule/timetable.ts'
import type { HistoryLine } from '../../status/history-line.ts'

/** What the history says to a service that starts. */
export interface Past {
  /** The runs that were due while nothing ran. */
  readonly missed: readonly DueRun[]
  readonly lastStart: (run: ScheduledRun) => Date | null
}

/** Reads the history's lines, oldest first, at `now`. A run that was interrupted did not do its work, and does not count. */
export function pastOf(lines: readonly HistoryLine[], runs: readonly ScheduledRun[], now: Date): Past {
  const ended = lines.filter(line => line.type === 'run')
  const past = ended
    .filter(({ report }) => !report.interrupted)
    .map(({ schedule, report }): PastRun => {
      return { mode: report.mode, schedule, startedAt: new Date(report.startedAt) }
    })
  return {
    missed: missedRuns(runs, { now, past, knownSince: knownSince(lines) }),
    lastStart: run => lastStartOf(run, past),
  }
}

function knownSince(lines: readonly HistoryLine[]): Date | null {
  const times = lines.map(line => Date.parse(line.type === 'run' ? line.report.startedAt : line.at))
  return times.length === 0 ? null : new Date(Math.min(...times))
}
