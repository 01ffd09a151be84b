import { failureOf, failureText, logLinesOf } from '../errors.ts'
import { type ExitCode, exitCodeOfFailure } from '../exit-codes.ts'
import type { Log } from '../system/log.ts'
import { printable } from '../system/printable.ts'

/**
 * What stopped a whole command: the reason for a person, and the tool's own words or the stack of a bug for the log,
 * or beside the reason when it stopped before there was a log. Returns the exit code.
 */
export function reportFatal(error: unknown, log: Log | null, write: (line: string) => void): ExitCode {
  const failure = failureOf(error)
  const lines = logLinesOf(error)
  log?.error('failed', { failure, lines })
  write(`backup: ${printable(failureText(failure))}\n`)
  if (log === null) for (const line of lines) write(`  ${printable(line)}\n`)
  return exitCodeOfFailure(failure)
}
