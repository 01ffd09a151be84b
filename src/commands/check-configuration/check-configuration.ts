import type { ExitCode } from '../../cli.ts'
import type { Context } from '../context.ts'
import { configurationReport } from './configuration-report.ts'
import { configurationText } from './configuration-text.ts'

/** Prints the whole configuration with its problems last; resolves with 10 when there is a problem, warnings aside. */
export async function checkConfiguration(
  context: Pick<Context, 'configuration' | 'clock' | 'screen'>,
  options: { readonly json: boolean },
): Promise<ExitCode> {
  const report = configurationReport(context.configuration, context.clock.now())
  context.screen.print(options.json ? JSON.stringify(report, null, 2) : configurationText(report))
  return report.problems.some(problem => problem.severity === 'problem') ? 10 : 0
}
