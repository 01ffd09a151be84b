import { parseArgs } from 'node:util'

/** What one run of `scripts/bench` was asked for. */
export interface BenchOptions {
  /** MB (10⁶ bytes) of dump text that the large database is made for. */
  readonly size: number
  /** Measured runs of each command, besides one warm-up. */
  readonly runs: number
  /** Whether docs/benchmarks.md is replaced. */
  readonly write: boolean
}

export const USAGE = 'usage: scripts/bench backup [--size MB] [--runs N] [--write]'

/** Reads the arguments; a text that says what is wrong where they can't be read. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { size: { type: 'string' }, runs: { type: 'string' }, write: { type: 'boolean' } },
    })
    if (positionals.join(' ') !== 'backup') return `found ${JSON.stringify(positionals.join(' '))}; expected backup`
    const size = wholeNumber(values.size ?? '600')
    const runs = wholeNumber(values.runs ?? '5')
    if (size === null) return `--size: ${values.size}; expected a whole number of MB, 1 or more`
    if (runs === null) return `--runs: ${values.runs}; expected a whole number, 1 or more`
    return { size, runs, write: values.write ?? false }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function wholeNumber(text: string): number | null {
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : null
}
