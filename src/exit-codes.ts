import type { Failure, InterruptingSignal } from './errors.ts'
import type { DatabaseOutcome, DestinationOutcome, Remark, VerificationOutcome } from './events.ts'

/** How the program ends, in the words of the reference. */
export const EXIT_CODES = [
  { code: 0, meaning: 'all did what it should' },
  { code: 1, meaning: 'failed' },
  { code: 2, meaning: 'wrong usage' },
  { code: 3, meaning: 'some databases, or some copies, failed; a restore with -I went past errors or differences' },
  { code: 4, meaning: 'a verification failed' },
  { code: 5, meaning: 'nothing failed, but something could not be verified' },
  { code: 6, meaning: 'a person is needed (-l --check)' },
  { code: 10, meaning: 'configuration problems; every database with a valid line was backed up nevertheless' },
  { code: 11, meaning: 'locked by another run' },
  { code: 130, meaning: 'interrupted by SIGINT' },
  { code: 143, meaning: 'interrupted by SIGTERM' },
] as const

export type ExitCode = (typeof EXIT_CODES)[number]['code']

const STRONGEST_FIRST: readonly ExitCode[] = [2, 130, 143, 1, 4, 3, 11, 10, 5, 6]

/** The one code of a run to which several apply; 0 when none does. */
export function exitCodeOf(codes: readonly ExitCode[]): ExitCode {
  return STRONGEST_FIRST.find(code => codes.includes(code)) ?? 0
}

/** 130 for an interruption by the keyboard, 143 for every other one. */
export function exitCodeOfSignal(signal: InterruptingSignal): ExitCode {
  return signal === 'SIGINT' ? 130 : 143
}

/** How a command ends that was stopped by this failure. */
export function exitCodeOfFailure({ kind }: Failure): ExitCode {
  switch (kind) {
    case 'configuration':
      return 10
    case 'locked':
      return 11
    case 'usage':
      return 2
    default:
      return 1
  }
}

/** Every code that applies to the databases of a backup run. */
export function exitCodesOfBackups(outcomes: readonly DatabaseOutcome[]): ExitCode[] {
  const failures = outcomes.flatMap(outcome => (outcome.result === 'failed' ? [outcome.failure] : []))
  const isPruned = outcomes.every(outcome => outcome.result === 'failed' || outcome.pruneFailure === null)
  return [...exitCodesOfFailures(failures, outcomes.length), ...(isPruned ? [] : [3 as const])]
}

/** A failed copy is no failed backup. */
export function exitCodesOfCopies(destinations: readonly DestinationOutcome[]): ExitCode[] {
  return destinations.some(({ missing, failure }) => missing > 0 || failure !== null) ? [3] : []
}

/** A restore that went past errors has done what was asked for, and a script must not take it for the whole. */
export function exitCodeOfRestore({ ignored }: { readonly ignored: readonly Remark[] }): ExitCode {
  return ignored.length > 0 ? 3 : 0
}

/** Every code that applies to the databases of a verify run. */
export function exitCodesOfVerifications(outcomes: readonly VerificationOutcome[]): ExitCode[] {
  const codes: ExitCode[] = []
  if (outcomes.some(outcome => outcome.verdict === 'failed')) codes.push(4)
  if (outcomes.some(outcome => outcome.verdict === 'could-not-verify')) codes.push(5)
  return codes
}

/** The code for what failed of `total` databases. A lock counts as a failure only beside other failures. */
export function exitCodesOfFailures(failures: readonly Failure[], total: number): ExitCode[] {
  if (failures.length === 0) return []
  if (failures.every(({ kind }) => kind === 'locked')) return [11]
  return [failures.length === total ? 1 : 3]
}
