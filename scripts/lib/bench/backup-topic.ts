import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { backupPage } from './backup-page.ts'
import type { Report } from './compare.ts'
import { createLargeDatabase } from './data.ts'
import { benchLargeDatabase, benchSmallDatabases } from './dumps.ts'
import { makeBenchFolder } from './folder.ts'
import type { BenchOptions } from './options.ts'
import { benchStart, benchVolume } from './program.ts'
import { clientEnvironment, startBenchServer } from './server.ts'
import { createSmallDatabases, SMALL_DATABASES } from './small-data.ts'
import type { Bench } from './suite.ts'

const LISTED_DATABASES = 10

/** Measures backups, start, listing and pruning, on a server and in a folder of its own, both gone afterwards. */
export async function measureBackup(options: BenchOptions, report: Report, signal: AbortSignal): Promise<string> {
  using folder = makeBenchFolder()
  await using server = await startBenchServer(folder.path, signal)
  const bench: Bench = { server, folder: folder.path, runs: options.runs, report }
  report(`== making a database of about ${options.size} MB and ${SMALL_DATABASES} small ones`)
  await createLargeDatabase(server, 'large', options.size)
  const small = await createSmallDatabases(server)
  const dumpBytes = await sizeOfDump(server, 'large')
  const suites = [
    await benchStart(bench, signal),
    await benchVolume(bench, small.slice(0, LISTED_DATABASES), signal),
    await benchSmallDatabases(bench, small, signal),
    await benchLargeDatabase(bench, 'large', signal),
  ]
  return backupPage({ options, serverVersion: await versionOf(server), dumpBytes, suites })
}

/** Such as `15.18`. */
export async function versionOf(server: PostgresServer): Promise<string> {
  const version = await server.sql('postgres', 'SHOW server_version')
  return version.split(' ')[0] ?? ''
}

async function sizeOfDump(server: PostgresServer, database: string): Promise<number> {
  const env = clientEnvironment(server)
  const child = spawn('bash', ['-c', 'set -o pipefail; pg_dump "$1" | wc -c', 'bench', database], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`pg_dump: exit code ${code}; expected 0`)
  return Number(text)
}
