import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { DumpInventory, type InventoryResult } from '../../src/sources/postgres/fingerprint/inventory.ts'
import { type Comparison, compareLoaded } from '../../src/sources/postgres/round-trip/compare-loaded.ts'
import { dumpBack, type LoadedDatabase } from '../../src/sources/postgres/round-trip/dump-back.ts'
import { DumpScanner } from '../../src/sources/postgres/sql/dump-scanner.ts'
import { statementKind } from '../../src/sources/postgres/sql/statements.ts'
import { systemClock } from '../../src/system/clock.ts'
import { dumpOf, toolsOf } from './dumping.ts'
import type { PostgresServer } from './postgres-server.ts'

const signal = new AbortController().signal

/** The bytes of a dump of a database, made as the backup makes it. */
export async function dumpBytes(server: PostgresServer, database: string, encoding = 'UTF8'): Promise<Buffer> {
  const chunks: Buffer[] = []
  const dump = dumpOf(server, server.target(database), { clientEncoding: encoding })
  for await (const chunk of dump.stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Makes a database and loads a dump into it with psql, in autocommit, as people do who have nothing else. */
export async function loadWithPsql(server: PostgresServer, name: string, dump: Buffer, options = ''): Promise<void> {
  await server.createDatabase(name, { with: `TEMPLATE template0 ${options}` })
  const { host, port, superuser, password } = server
  const child = spawn(
    path.join(server.binFolder, 'psql'),
    ['-X', '-q', '-w', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1'],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { PGHOST: host, PGPORT: String(port), PGUSER: superuser, PGPASSWORD: password, PGDATABASE: name },
    },
  )
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(dump)
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`psql: it ended with ${code}; expected 0\n${stderr}`)
}

export function inventoryOfDump(dump: Buffer, clientEncoding = 'UTF8'): InventoryResult {
  const inventory = new DumpInventory({ clientEncoding })
  inventory.write(dump)
  return inventory.end()
}

/** What a dump says without its data: no rows, no sequence values, no large objects' bytes. */
function statementsOnly(dump: Buffer): Buffer {
  const kept: Buffer[] = []
  let statement: Buffer[] = []
  const scanner = new DumpScanner({
    comment: () => {},
    metaCommand: () => {},
    statement(bytes, { first, last }) {
      statement = first ? [Buffer.from(bytes)] : [...statement, Buffer.from(bytes)]
      if (!last) return
      const whole = Buffer.concat(statement)
      if (/^(set|set_config|other)$/.test(statementKind(whole))) kept.push(whole, Buffer.from('\n'))
    },
    copyStart: () => {},
    copyData: () => {},
    copyEnd: () => {},
  })
  scanner.write(dump)
  scanner.end()
  return Buffer.concat(kept)
}

export function loadedDatabase(server: PostgresServer, database: string, clientEncoding = 'UTF8'): LoadedDatabase {
  return {
    target: server.target(database),
    hiddenFromCatalog: false,
    tools: toolsOf(server),
    env: { PATH: process.env.PATH },
    applicationName: `backup-test-${database}`,
    clientEncoding,
    parameters: {},
    clock: systemClock,
  }
}

export interface Compared extends Comparison {
  /** `kind name: text` of each difference. */
  readonly words: readonly string[]
  readonly reloads: number
}

export interface CompareInput {
  readonly archive: Buffer
  readonly database: string
  readonly encoding?: string
  /** For the database that is made where statements have to be loaded again. */
  readonly createOptions?: string
  readonly sameTool?: boolean
  /** What the archive's statements say when loaded once more; they are loaded where this is left out. */
  reload?(): Promise<InventoryResult>
}

let reloaded = 0

/** Compares a database with the dump that it was loaded from, by all the rules of equality. */
export async function compareDatabase(server: PostgresServer, input: CompareInput): Promise<Compared> {
  const { archive, database, encoding = 'UTF8', sameTool = true } = input
  const loaded = loadedDatabase(server, database, encoding)
  let reloads = 0
  const comparison = await compareLoaded(
    {
      archive: inventoryOfDump(archive, encoding),
      back: await dumpBack(loaded, {}, signal),
      sameTool,
      sessionKnown: true,
      content: contentOf(archive),
      loaded,
      sortFolder: server.folder,
      async reload() {
        reloads += 1
        return await (input.reload?.() ?? reloadStatements(server, input))
      },
    },
    signal,
  )
  const words = comparison.differences.map(({ kind, name, text }) => `${kind} ${name}: ${text}`)
  return { ...comparison, words, reloads }
}

/** Loads the statements of an archive into one more database and takes the inventory of that. */
export async function reloadStatements(
  server: PostgresServer,
  input: Pick<CompareInput, 'archive' | 'encoding' | 'createOptions'>,
): Promise<InventoryResult> {
  reloaded += 1
  const name = `again_${reloaded}`
  await loadWithPsql(server, name, statementsOnly(input.archive), input.createOptions)
  return await dumpBack(loadedDatabase(server, name, input.encoding), {}, signal)
}

function contentOf(archive: Buffer) {
  return {
    roles: async () => null,
    database: async () => null,
    async *dump() {
      for (let at = 0; at < archive.length; at += 65_536) yield archive.subarray(at, at + 65_536)
    },
  }
}
