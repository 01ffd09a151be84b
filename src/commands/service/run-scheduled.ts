import type { Configuration } from '../../config/configuration.ts'
import type { ExitCode } from '../../exit-codes.ts'
import type { QueuedRun } from '../../schedule/queue.ts'
import type { ScheduledCommand } from '../../schedule/scheduled-command.ts'
import type { Clock } from '../../system/clock.ts'
import { isoWithOffset } from '../../system/time-zone.ts'
import type { Context } from '../context.ts'
import { createContext, type ProcessParts } from '../create-context.ts'
import { lookUpFor } from '../look-up-for.ts'
import { reportFatal } from '../report-fatal.ts'

/** A run that begins this long after its slot waited for another one, or the process was suspended: worth a warning. */
const LATE_MS = 60_000

export interface ScheduledRunInput {
  readonly queued: QueuedRun
  readonly configuration: Configuration
  readonly parts: ProcessParts
  readonly clock: Clock
  readonly notifications: Context['notifications']
}

/** Runs what a schedule asks for in this process, with a run id and a log of its own. Never rejects. */
export async function runScheduled(input: ScheduledRunInput, signal: AbortSignal): Promise<ExitCode> {
  const { queued, configuration, parts, clock, notifications } = input
  const occasion = { trigger: queued.trigger, schedule: queued.run.key }
  const context = createContext(parts, { configuration, clock, occasion, notifications })
  logStart(context, queued)
  const exitCode = await runCommand(context, queued.run.command, signal).catch((error: unknown) =>
    reportFatal(error, context.log, () => {}),
  )
  context.log.info('scheduled-run-finished', { exitCode })
  return exitCode
}

async function runCommand(given: Context, command: ScheduledCommand, signal: AbortSignal): Promise<ExitCode> {
  const context = await lookUpFor(command, given, signal)
  switch (command.mode) {
    case 'backup':
      return await (await import('../backup/backup.ts')).backup(context, command, signal)
    case 'prune':
      // Nobody is there to be asked, even where the container was given a terminal.
      return await (await import('../prune/prune.ts')).prune(context, { ...command, yes: true, prompts: null }, signal)
    case 'verify':
      return await (await import('../verify/verify.ts')).verify(context, command, signal)
  }
}

function logStart({ log, clock, configuration }: Context, { run, trigger, dueAt }: QueuedRun): void {
  const lateSeconds = Math.round((clock.now().getTime() - dueAt.getTime()) / 1000)
  const due = isoWithOffset(dueAt, configuration.settings.timeZone)
  const fields = { mode: run.command.mode, schedule: run.schedule, trigger, dueAt: due }
  log.info('scheduled-run-started', fields)
  if (lateSeconds * 1000 >= LATE_MS) log.warn('scheduled-run-late', { ...fields, lateSeconds })
}
