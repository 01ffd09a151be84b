import { OperatorError } from '../../errors.ts'
import type { ExitCode } from '../../exit-codes.ts'
import { type LoopState, runLoop } from '../../schedule/loop.ts'
import { serviceMode } from '../../schedule/scheduled-run.ts'
import type { Timetable } from '../../schedule/timetable.ts'
import type { StatusServer } from '../../status/edge/http-server.ts'
import type { StatusSource } from '../../status/routes.ts'
import type { Context } from '../context.ts'
import type { ProcessParts } from '../create-context.ts'
import { loadConfiguration } from '../load-configuration.ts'
import { announceStart } from './announce.ts'
import { type ConfigurationInForce, hasSources, putInForce } from './configuration-in-force.ts'
import { firstRuns } from './first-runs.ts'
import { createRefresher } from './refresh-status.ts'
import { createRunner, type ServiceSignals } from './runner.ts'
import { createStatusBoard } from './status-board.ts'
import { takeOverChange } from './take-over-change.ts'

export interface ServiceInput {
  readonly context: Context
  /** What the contexts of the runs are made of. */
  readonly parts: ProcessParts
}

/**
 * The long-running container: cron mode or legacy mode, health and metrics. Resolves when it was told to end and no run
 * is under way. Throws OperatorError('configuration') when nothing could ever be run, or the port cannot be opened.
 */
export async function service(input: ServiceInput, signals: ServiceSignals): Promise<ExitCode> {
  const { context, parts } = input
  const { clock, configuration, log, notifications } = context
  const inForce = putInForce(loadConfiguration(parts), clock.now())
  requireWork(inForce)
  const first = await firstRuns(context, inForce)

  const board = createStatusBoard({ ...NOTHING_KNOWN, inForce, loop: first.loop, missed: first.missed.length }, context)
  const refresher = createRefresher({ board, clock, log, env: context.env, runId: context.runId })
  await refresher.now()
  await using server = await serve(configuration.settings.httpPort, board)
  const { scratchConfinement } = await import('../../sources/postgres/scratch/scratch-confinement.ts')
  // Not with the service's signal: told to end meanwhile, it ends as it does later.
  const confinement = await scratchConfinement(context, new AbortController().signal)
  await announceStart(context, { ...first, inForce, port: server?.port ?? null, confinement })

  await using runner = createRunner({ board, refresher, parts, clock, notifications }, signals)
  const turn = async (loop: LoopState): Promise<Timetable | null> => {
    board.beat()
    refresher.whenDue()
    return loop.running === null && !signals.signal.aborted ? takeOverChange({ board, context, parts }) : null
  }
  const show = (loop: LoopState): void => board.update({ loop })
  await runLoop({ clock, ...first.loop, run: runner.run, turn, show }, signals.signal)
  log.info('service-stopped')
  return 0
}

const NOTHING_KNOWN = {
  runs: { finished: 0, failed: 0 },
  databases: [],
  servers: [],
  volume: { writable: false, totalBytes: null, freeBytes: null },
} as const

/** node:http takes a quarter of the idle service's memory, so it is loaded only where it serves. */
async function serve(port: number, source: StatusSource): Promise<StatusServer | null> {
  if (port === 0) return null
  const { startStatusServer } = await import('../../status/edge/http-server.ts')
  return await startStatusServer(port, source)
}

/** A container that waits for ever and never backs anything up looks healthy: better it does not start. */
function requireWork({ configuration, runs }: ConfigurationInForce): void {
  const hint = 'backup -c shows every problem'
  if (!hasSources(configuration)) {
    const message = 'backup.conf: no database that can be backed up; expected at least one'
    throw new OperatorError('configuration', message, { hint })
  }
  if (runs.length === 0) {
    const message = `backup.conf: no schedule that can be run in ${serviceMode(configuration)} mode; expected at least one`
    throw new OperatorError('configuration', message, { hint })
  }
}
