import { problemTexts } from '../../config/problem.ts'
import { failureOf, failureText, logLinesOf } from '../../errors.ts'
import { intervalOf } from '../../schedule/crontab.ts'
import { serviceMode } from '../../schedule/scheduled-run.ts'
import { type DueRun, nextDue } from '../../schedule/timetable.ts'
import type { ScratchConfinement } from '../../sources/postgres/scratch/scratch-confinement.ts'
import { appendHistory } from '../../status/edge/history.ts'
import type { HistoryLine } from '../../status/history-line.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { Context } from '../context.ts'
import type { ConfigurationInForce } from './configuration-in-force.ts'
import type { FirstRuns } from './first-runs.ts'

/** Says, and writes into the history, that the service starts and what was missed before it did. */
export async function announceStart(
  context: Context,
  start: FirstRuns & {
    readonly inForce: ConfigurationInForce
    readonly port: number | null
    readonly confinement: ScratchConfinement
  },
): Promise<void> {
  const { log, screen, clock } = context
  const { configuration, runs } = start.inForce
  const { timeZone } = configuration.settings
  const mode = serviceMode(configuration)
  const due = start.loop.waiting.length > 0 ? clock.now() : nextDue(start.loop.timetable)
  const nextRun = due === null ? null : isoWithOffset(due, timeZone)
  const { targets, servers } = configuration
  const counts = { databases: targets.length, servers: servers.length }
  const fields = { mode, ...counts, schedules: runs.length, nextRun, port: start.port }
  log.info('service-started', fields)
  screen.print(`${mode} mode: ${countText(runs.length, 'schedule')}, ${sourcesText(counts)}, next run ${nextRun}`)
  screen.print(start.confinement.text)
  if (start.confinement.hint !== null) screen.print(`  ${start.confinement.hint}`)
  context.notifications.tell({
    type: 'service-started',
    ...counts,
    nextRun,
    problems: problemTexts(configuration.problems),
  })
  await remember(context, { type: 'service-started', at: isoWithOffset(clock.now(), timeZone) })
  for (const missed of start.missed) await announceMissed(context, missed)
}

async function announceMissed(context: Context, { run, dueAt }: DueRun): Promise<void> {
  const { log, screen, clock, configuration } = context
  const { timeZone, runMissed } = configuration.settings
  const due = isoWithOffset(dueAt, timeZone)
  // What counts from its last run is due as soon as the service is there, whatever RUN_MISSED says.
  const runsNow = runMissed || intervalOf(run.schedule) !== null
  log.warn('run-missed', { mode: run.command.mode, schedule: run.schedule, dueAt: due, runsNow })
  context.notifications.tell({ type: 'missed-run', expectedAt: due, command: run.command.mode, runsNow })
  screen.print(`missed     ${run.command.mode} of ${due}${runsNow ? ': it runs now' : ''}`)
  await remember(context, {
    type: 'run-missed',
    at: isoWithOffset(clock.now(), timeZone),
    schedule: run.key,
    dueAt: due,
  })
}

/** The history serves the service; where it cannot be written, the service goes on without. */
async function remember({ configuration, log }: Context, line: HistoryLine): Promise<void> {
  try {
    await appendHistory(configuration.settings.backupDir, line)
  } catch (error) {
    log.warn('history-not-written', { message: failureText(failureOf(error)), lines: logLinesOf(error) })
  }
}

function sourcesText({ databases, servers }: { readonly databases: number; readonly servers: number }): string {
  const whole = `every database of ${countText(servers, 'server')}`
  if (servers === 0) return countText(databases, 'database')
  return databases === 0 ? whole : `${countText(databases, 'database')} and ${whole}`
}

function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
