import { type Measurement, median } from './compare.ts'
import type { Comparison, SuiteResult } from './suite.ts'

/** The rows of all groups: ours beside the alternative, and the ratio of their medians. */
export function ratioTable(suites: readonly SuiteResult[]): string {
  const head = ['work', 'ours', 'beside', 'ours, s', 'beside, s', 'ratio', 'the design asks for']
  return table(
    head,
    suites.flatMap(suite => suite.rows.map(row => [suite.title, ...ratioCells(row)])),
  )
}

/** Every command of every group, with the spread of its times, and what it stored where any of them stores archives. */
export function commandTable(suites: readonly SuiteResult[]): string {
  const storing = suites.some(suite => suite.measurements.some(one => one.storedBytes !== null))
  const head = ['work', 'command', 'median, s', 'fastest, s', 'slowest, s', ...(storing ? ['stored, MB'] : []), PEAK]
  return table(
    head,
    suites.flatMap(suite => suite.measurements.map(one => [suite.title, ...commandCells(one, storing)])),
  )
}

const PEAK = 'peak memory of our process, MiB'

/** A Markdown table; the cells may hold anything but newlines. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Bytes as MB (10⁶) with one decimal. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}

/** Bytes as MiB (2²⁰), whole, rounded up: the unit in which memory limits are set. */
export function mebibytes(bytes: number): string {
  return String(Math.ceil(bytes / 2 ** 20))
}

function ratioCells({ ours, beside, design }: Comparison<Measurement>): readonly string[] {
  const [our, other] = [median(ours.seconds), median(beside.seconds)]
  const labels = [ours.contestant.label, beside.contestant.label]
  return [...labels, seconds(our), seconds(other), (our / other).toFixed(2), design]
}

function commandCells(one: Measurement, storing: boolean): readonly string[] {
  const stored = storing ? [one.storedBytes === null ? '' : megabytes(one.storedBytes)] : []
  const times = [median(one.seconds), one.seconds[0] ?? 0, one.seconds.at(-1) ?? 0].map(seconds)
  return [one.contestant.label, ...times, ...stored, one.contestant.ours ? mebibytes(one.peakBytes) : '']
}

function seconds(value: number): string {
  return value < 1 ? value.toFixed(3) : value.toFixed(2)
}
