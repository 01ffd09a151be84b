import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { PostgresServer } from '../../../test/support/postgres-server.ts'
import { createLargeDatabase } from './data.ts'
import { benchLargeDatabase, benchSmallDatabases } from './dumps.ts'
import { makeBenchFolder } from './folder.ts'
import { type BenchOptions, readOptions, USAGE } from './options.ts'
import { root } from './ours.ts'
import { type BenchResult, benchPage } from './page.ts'
import { benchStart, benchVolume } from './program.ts'
import { clientEnvironment, startBenchServer } from './server.ts'
import { createSmallDatabases } from './small-data.ts'
import type { Bench } from './suite.ts'

const SMALL_DATABASES = 20
const LISTED_DATABASES = 10

/** Measures everything on a server and in a folder of its own, both gone afterwards. */
async function measureAll(options: BenchOptions, signal: AbortSignal): Promise<BenchResult> {
  using folder = makeBenchFolder()
  await using server = await startBenchServer(folder.path, signal)
  const bench: Bench = { server, folder: folder.path, runs: options.runs, report }
  report(`== making a database of about ${options.size} MB and ${SMALL_DATABASES} small ones`)
  await createLargeDatabase(server, 'large', options.size)
  const small = await createSmallDatabases(server, SMALL_DATABASES)
  const dumpBytes = await sizeOfDump(server, 'large')
  const suites = [
    await benchStart(bench, signal),
    await benchVolume(bench, small.slice(0, LISTED_DATABASES), signal),
    await benchSmallDatabases(bench, small, signal),
    await benchLargeDatabase(bench, 'large', signal),
  ]
  const serverVersion = await server.sql('postgres', 'SHOW server_version')
  return { options, date: new Date(), serverVersion: serverVersion.split(' ')[0] ?? '', dumpBytes, suites }
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

function report(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function main(options: BenchOptions): Promise<number> {
  const stop = new AbortController()
  let interrupted = 0
  const interrupt = (code: number) => (): void => {
    interrupted = code
    stop.abort()
  }
  process.on('SIGINT', interrupt(130)).on('SIGTERM', interrupt(143)).on('SIGHUP', interrupt(129))
  try {
    const page = benchPage(await measureAll(options, stop.signal))
    process.stdout.write(page)
    if (options.write) await writeFile(path.join(root, 'docs/benchmarks.md'), page)
    return 0
  } catch (error) {
    if (interrupted > 0) return interrupted
    report(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return 1
  }
}

const options = readOptions(process.argv.slice(2))
if (typeof options === 'string') report(`bench: ${options}\n${USAGE}`)
process.exitCode = typeof options === 'string' ? 2 : await main(options)
