import { chown, readdir } from 'node:fs/promises'
import path from 'node:path'
import { runCommand } from './command.ts'
import type { Contestant } from './compare.ts'
import { newServerEach, tunedServer } from './loading.ts'
import { configureOurs } from './ours.ts'
import { type Bench, makePlace, type Place, runSuite, type SuiteResult } from './suite.ts'

/** Proof of the archive of one large database. */
export async function benchLargeProof(bench: Bench, database: string, signal: AbortSignal): Promise<SuiteResult> {
  const { place, ours, archives } = await backedUp(bench, { name: 'large', databases: [database] }, signal)
  const original = newServerEach(place, archives)
  const tuned = tunedServer(place, archives)
  const suite = {
    title: 'one large database',
    contestants: [original, tuned, ours],
    rows: [
      { ours, beside: original, design: '≤ 1.2' },
      { ours, beside: tuned, design: '' },
    ],
  }
  return runSuite(bench, suite, signal)
}

/** Proof of the archives of many small databases. */
export async function benchSmallProofs(
  bench: Bench,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<SuiteResult> {
  const { place, ours, archives } = await backedUp(bench, { name: 'small', databases }, signal)
  const original = { ...newServerEach(place, archives), label: 'a new server for each, psql' }
  const suite = {
    title: `${databases.length} small databases`,
    contestants: [original, ours],
    rows: [{ ours, beside: original, design: '≤ 0.20' }],
  }
  return runSuite(bench, suite, signal)
}

interface BackedUp {
  readonly place: Place
  /** `backup -v all`. It exits other than 0, and so ends the bench, unless every archive is proved. */
  readonly ours: Contestant
  readonly archives: readonly string[]
}

/** Takes the archives that are then proved and loaded. */
async function backedUp(
  bench: Bench,
  given: { readonly name: string; readonly databases: readonly string[] },
  signal: AbortSignal,
): Promise<BackedUp> {
  const place = await makePlace(bench, given.name)
  // The server of an alternative has its data in it.
  const { owner } = bench.server
  if (owner !== null) await chown(place.output, owner.uid, owner.gid)
  const program = await configureOurs(bench.server, place.folder, given.databases)
  await runCommand(program.contestant('backup -1', ['-1']).command, signal)
  const names = await readdir(program.volume, { recursive: true })
  const archives = names.filter(name => name.endsWith('.sql.gz')).map(name => path.join(program.volume, name))
  return { place, ours: program.contestant('backup -v all', ['-v', 'all']), archives }
}
