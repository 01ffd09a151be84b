import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { type Contestant, compareInTurn, type Measurement, type Report } from './compare.ts'

/** What every suite is given. */
export interface Bench {
  readonly server: PostgresServer
  readonly folder: string
  /** Measured runs of each contestant, besides the warm-up. */
  readonly runs: number
  readonly report: Report
}

/** Where a suite runs: a folder of its own, and in it one for the archives that the alternatives make. */
export interface Place {
  readonly server: PostgresServer
  readonly folder: string
  readonly output: string
}

/** One piece of work: who does it, and what is set beside what. */
export interface Suite {
  readonly title: string
  readonly contestants: readonly Contestant[]
  readonly rows: readonly Comparison<Contestant>[]
}

/** Ours beside an alternative. `design` says in words what the ratio of the medians must be at most; '' says nothing. */
export interface Comparison<T> {
  readonly ours: T
  readonly beside: T
  readonly design: string
}

/** What a suite gave: every contestant, and the comparisons. */
export interface SuiteResult {
  readonly title: string
  readonly measurements: readonly Measurement[]
  readonly rows: readonly Comparison<Measurement>[]
}

/** Makes the folders of a suite. */
export async function makePlace(bench: Bench, name: string): Promise<Place> {
  const folder = path.join(bench.folder, name)
  const output = path.join(folder, 'alternatives')
  await mkdir(output, { recursive: true })
  return { server: bench.server, folder, output }
}

/** Runs all contestants of a suite in turn. */
export async function runSuite(bench: Bench, suite: Suite, signal: AbortSignal): Promise<SuiteResult> {
  bench.report(`== ${suite.title}`)
  const measurements = await compareInTurn(suite.contestants, bench, signal)
  const of = (contestant: Contestant): Measurement => measurementOf(measurements, contestant)
  const rows = suite.rows.map(({ ours, beside, design }) => ({ ours: of(ours), beside: of(beside), design }))
  return { title: suite.title, measurements, rows }
}

function measurementOf(measurements: readonly Measurement[], contestant: Contestant): Measurement {
  const found = measurements.find(one => one.contestant === contestant)
  if (found === undefined) throw new Error(`${contestant.label}: not in the suite; expected one of its contestants`)
  return found
}
