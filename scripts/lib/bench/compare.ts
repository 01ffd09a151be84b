import { type BenchCommand, runCommand } from './command.ts'
import { archiveBytes, emptyFolder, settle } from './folder.ts'

/** One way to do a piece of work. */
export interface Contestant {
  readonly label: string
  readonly command: BenchCommand
  /** Where it leaves archives: emptied before each run. Null for one that leaves none. */
  readonly output: string | null
  /** Whether it is this program. */
  readonly ours: boolean
}

/** What was measured of one contestant over all runs. */
export interface Measurement {
  readonly contestant: Contestant
  /** One per run, ascending, without the warm-up. */
  readonly seconds: readonly number[]
  /** The highest of all runs, of the process itself without its children. */
  readonly peakBytes: number
  /** Archives on disk after the last run; null for a contestant that leaves none. */
  readonly storedBytes: number | null
}

/** Tells a person what is being done. */
export type Report = (text: string) => void

/**
 * Runs all contestants in turn (A B C, A B C, …), so that what changes on the machine meanwhile meets each of them:
 * one warm-up round, then `runs` measured ones. Measurements come in the order of the contestants.
 */
export async function compareInTurn(
  contestants: readonly Contestant[],
  options: { readonly runs: number; readonly report: Report },
  signal: AbortSignal,
): Promise<readonly Measurement[]> {
  const results = contestants.map(startMeasurement)
  for (let round = 0; round <= options.runs; round++) {
    for (const result of results) {
      const run = await runOnce(result.contestant, signal)
      result.peakBytes = Math.max(result.peakBytes, run.peakBytes)
      result.storedBytes = run.storedBytes
      if (round > 0) result.seconds.push(run.seconds)
      const name = round === 0 ? 'warm-up' : `run ${round} of ${options.runs}`
      options.report(`${name}: ${result.contestant.label}: ${run.seconds.toFixed(3)} s`)
    }
  }
  return results.map(measurementOf)
}

/** The middle of an ascending list, which is not empty. */
export function median(ascending: readonly number[]): number {
  const middle = (ascending.length - 1) / 2
  const low = ascending[Math.floor(middle)] ?? Number.NaN
  const high = ascending[Math.ceil(middle)] ?? Number.NaN
  return (low + high) / 2
}

interface Running {
  readonly contestant: Contestant
  readonly seconds: number[]
  peakBytes: number
  storedBytes: number | null
}

function startMeasurement(contestant: Contestant): Running {
  return { contestant, seconds: [], peakBytes: 0, storedBytes: null }
}

function measurementOf(running: Running): Measurement {
  return {
    contestant: running.contestant,
    seconds: running.seconds.toSorted((a, b) => a - b),
    peakBytes: running.peakBytes,
    storedBytes: running.storedBytes,
  }
}

async function runOnce(
  contestant: Contestant,
  signal: AbortSignal,
): Promise<{ readonly seconds: number; readonly peakBytes: number; readonly storedBytes: number | null }> {
  const { output, command } = contestant
  if (output !== null) await emptyFolder(output)
  await settle(command.folder)
  const run = await runCommand(command, signal)
  if (output === null) return { ...run, storedBytes: null }
  const storedBytes = await archiveBytes(output)
  // Removed at once, so that the disk is not busy with it while the next one runs.
  await emptyFolder(output)
  return { ...run, storedBytes }
}
