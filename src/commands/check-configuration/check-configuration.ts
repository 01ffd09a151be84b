import { type ExitCode, exitCodeOf } from '../../cli.ts'
import type { Context } from '../context.ts'
import { configurationReport } from './configuration-report.ts'
import { accessText, configurationText } from './configuration-text.ts'

export interface CheckOptions {
  /** Try every database and destination too. */
  readonly access: boolean
  readonly json: boolean
}

/**
 * Prints the whole configuration with its problems, and with `access` what became of trying it. Resolves with 10 when
 * there is a problem, warnings aside, and with 3 when something could not be used.
 */
export async function checkConfiguration(
  context: Pick<Context, 'configuration' | 'clock' | 'screen' | 'env' | 'runId' | 'log'>,
  options: CheckOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const report = configurationReport(context.configuration, context.clock.now())
  if (!options.json) context.screen.print(configurationText(report))
  const access = options.access ? await (await import('./check-access.ts')).checkAccess(context, signal) : null
  if (options.json) context.screen.printJson({ ...report, ...(access === null ? {} : { access }) })
  else if (access !== null) context.screen.print(accessText(access))
  const hasProblems = report.problems.some(problem => problem.severity === 'problem')
  const isRefused = access?.some(({ failure }) => failure !== null) === true
  return exitCodeOf([...(hasProblems ? [10 as const] : []), ...(isRefused ? [3 as const] : [])])
}
