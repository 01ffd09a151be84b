import { isProblem } from '../../config/problem.ts'
import { type ExitCode, exitCodeOf } from '../../exit-codes.ts'
import type { Context } from '../context.ts'
import { configurationReport } from './configuration-report.ts'
import { accessText, configurationText, confinementLines } from './configuration-text.ts'

export interface CheckOptions {
  /** Try every database and destination too, and what confines a scratch server. */
  readonly access: boolean
  readonly json: boolean
}

/**
 * Prints the whole configuration with its problems; with `access` also what became of trying it, and how scratch servers
 * are confined. Resolves with 10 when there is a problem, warnings aside, and with 3 when something could not be used.
 */
export async function checkConfiguration(
  context: Pick<Context, 'configuration' | 'clock' | 'screen' | 'env' | 'runId' | 'log'>,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const report = configurationReport(context.configuration, context.clock.now())
  if (!options.json) context.screen.print(configurationText(report, context.configuration.databases))
  const tried = options.access ? await tryOut(context, signal) : null
  if (options.json) context.screen.printJson({ ...report, ...tried })
  else if (tried !== null)
    context.screen.print([...accessText(tried.access, context.clock.now()), '', ...confinementLines(tried.confinement)])
  const hasProblems = report.problems.some(isProblem)
  const isRefused = tried?.access.some(({ failure }) => failure !== null) === true
  return exitCodeOf([...(hasProblems ? [10 as const] : []), ...(isRefused ? [3 as const] : [])])
}

async function tryOut(context: Parameters<typeof checkConfiguration>[0], signal: AbortSignal) {
  const { checkAccess } = await import('./check-access.ts')
  const { scratchConfinement } = await import('../../sources/postgres/scratch/scratch-confinement.ts')
  return { access: await checkAccess(context, signal), confinement: await scratchConfinement(context, signal) }
}
