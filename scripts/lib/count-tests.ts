import { readFileSync } from 'node:fs'

/** The parts of vitest's JSON report that tell how a run went. */
interface Report {
  readonly success: boolean
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

/**
 * Prints `<passed> <failed>`. In CI a test that did not run counts as failed; so does a run that failed without a failed
 * test (a file that could not be loaded, an unhandled rejection), and one in which no test ran.
 */
const report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Report
const notRun = process.env.CI === undefined ? 0 : report.numPendingTests + report.numTodoTests
const failed = report.numFailedTests + notRun
const broken = failed === 0 && (!report.success || report.numPassedTests === 0) ? 1 : 0
process.stdout.write(`${report.numPassedTests} ${failed + broken}\n`)
