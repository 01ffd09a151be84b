import { rm } from 'node:fs/promises'
import path from 'node:path'
import { databaseId } from '../../../src/config/source-id.ts'
import { findAndSort } from './alternatives.ts'
import type { Contestant } from './compare.ts'
import { configureOurs } from './ours.ts'
import { plainEnvironment } from './server.ts'
import { type Bench, makePlace, runSuite, type SuiteResult } from './suite.ts'
import { createVolume } from './volume.ts'

const ARCHIVES = 10_000
const TIERS = 3

/** A start is short: it is measured this many times as often as the rest. */
export const START_REPEATS = 5

/** The program's own start. */
export async function benchStart(bench: Bench, signal: AbortSignal): Promise<SuiteResult> {
  const place = await makePlace(bench, 'start')
  const program = await configureOurs(bench.server, place.folder, [])
  const bare: Contestant = {
    label: 'node -e 0',
    ours: false,
    output: null,
    command: { argv: [process.execPath, '-e', '0'], env: plainEnvironment(bench.server), folder: place.folder },
  }
  const ours = program.contestant('backup -h', ['-h'])
  const rows = [{ ours, beside: bare, design: '≤ 3' }]
  return runSuite(
    { ...bench, runs: bench.runs * START_REPEATS },
    { title: 'start', contestants: [bare, ours], rows },
    signal,
  )
}

/** Listing and pruning a volume with ten thousand archives of these databases, all with manifests. */
export async function benchVolume(
  bench: Bench,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<SuiteResult> {
  const place = await makePlace(bench, 'volume')
  const program = await configureOurs(bench.server, place.folder, databases)
  const { host, port } = bench.server
  const plan = { host, port, databases, perTier: Math.ceil(ARCHIVES / TIERS / databases.length), now: new Date() }
  const bareVolume = path.join(place.folder, 'bare')
  const count = await createVolume({ ...plan, folder: program.volume, withManifests: true }, signal)
  await createVolume({ ...plan, folder: bareVolume, withManifests: false }, signal)

  const stems = databases.map(database => databaseId({ host, port, database }).stem)
  const find = findAndSort(place, { volume: program.volume, stems })
  const findBare = {
    ...findAndSort(place, { volume: bareVolume, stems }),
    label: 'the same on a volume without manifests',
  }
  const list = program.contestant('backup -l --all', ['-l', '--all'])
  const prune = program.contestant('backup -p --dry-run', ['-p', '--dry-run'])
  const suite = {
    title: `${count} archives`,
    contestants: [find, findBare, list, prune],
    rows: [
      { ours: list, beside: find, design: '≤ 2.5' },
      { ours: prune, beside: find, design: '≤ 1.0' },
      { ours: list, beside: findBare, design: '' },
      { ours: prune, beside: findBare, design: '' },
    ],
  }
  const result = await runSuite(bench, suite, signal)
  // Twenty thousand files fewer to look after while the dumps are measured.
  await rm(place.folder, { recursive: true })
  return result
}
