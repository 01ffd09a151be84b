import { parseArgs } from 'node:util'

/** What can be measured, in the order in which it is listed. */
export const TOPICS = ['backup', 'verify', 'service', 'upload'] as const

export type Topic = (typeof TOPICS)[number]

/** What one run of `scripts/bench` was asked for. */
export interface BenchOptions {
  readonly topic: Topic
  /** MB (10⁶ bytes): of dump text that the large database is made for, or of the file that is sent. */
  readonly size: number
  /** Measured runs of each command, besides one warm-up. */
  readonly runs: number
  /** Whether the page of the topic in docs/benchmarks is replaced. */
  readonly write: boolean
}

export const USAGE = `usage: scripts/bench ${TOPICS.join('|')} [--size MB] [--runs N] [--write]`

/** Reads the arguments; a text that says what is wrong where they can't be read. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { size: { type: 'string' }, runs: { type: 'string' }, write: { type: 'boolean' } },
    })
    const named = positionals.join(' ')
    const topic = TOPICS.find(each => each === named)
    if (topic === undefined) return `found ${JSON.stringify(named)}; expected one of ${TOPICS.join(', ')}`
    const size = wholeNumber(values.size ?? '600')
    const runs = wholeNumber(values.runs ?? '5')
    if (size === null) return `--size: ${values.size}; expected a whole number of MB, 1 or more`
    if (runs === null) return `--runs: ${values.runs}; expected a whole number, 1 or more`
    return { topic, size, runs, write: values.write ?? false }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function wholeNumber(text: string): number | null {
  return /^[1-9]\d{0,6}$/.test(text) ? Number(text) : null
}
