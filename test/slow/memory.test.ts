import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { archivesIn, backupEnvironment, manifestBeside } from '../support/archives.ts'
import { type BackupFolder, backupFolder, startBackup } from '../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { verificationDir } from '../support/scratch.ts'

const ALLOWED_MB = 130
const GIB = 2 ** 30

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('large')
  // 2 GB of rows take 40 MB on the disk: each is stored compressed, and a copy of it is not compressed again. One row is
  // 64 MB by itself, since a line can be of any length.
  await server.sql(
    'large',
    `CREATE TABLE rows (n bigint GENERATED ALWAYS AS IDENTITY, text text);
     INSERT INTO rows (text) SELECT repeat(md5(n::text) || E' it''s \\\\ text\\n', 170) FROM generate_series(1, 256) n;
     DO $$ BEGIN FOR i IN 1..10 LOOP INSERT INTO rows (text) SELECT text FROM rows; END LOOP; END $$;
     CREATE TABLE long AS SELECT repeat('0123456789abcdef', 4 * 1024 * 1024) AS text;
     CREATE TABLE narrow AS SELECT generate_series(1, 1000000) AS n;`,
  )
})

afterAll(() => server?.stop())

beforeEach(() => {
  folder = backupFolder(`127.0.0.1:${server.port}/large`)
  onTestFinished(() => folder[Symbol.dispose]())
})

describe('a dump of two gigabytes', () => {
  test(`FM43 leaves the program at no more than ${ALLOWED_MB} MB of memory`, async () => {
    const peak = await peakOfBackup({})

    expect(dumpedBytes()).toBeGreaterThan(2 * GIB)
    expect(peak).toBeLessThanOrEqual(ALLOWED_MB)
  })

  test(`FM43 the same behind a compressor that for a while hardly reads, as over a slow disk`, async () => {
    const script = `
PATH=/usr/bin:/bin
{ for pause in $(seq 60); do head -c 500000; sleep 0.1; done; cat; } | igzip -1 --stdout`
    const bin = folder.writeTool('igzip', script)

    const peak = await peakOfBackup({ PATH: `${bin}:${process.env.PATH}` })

    expect(dumpedBytes()).toBeGreaterThan(2 * GIB)
    expect(peak).toBeLessThanOrEqual(ALLOWED_MB)
  })
})

describe('a database of a hundred thousand large objects', () => {
  const OBJECTS = 100_000
  // Most of it is Node itself, and what it leaves lying about between two collections of garbage.
  const BACKUP_MB = 150
  const PROOF_MB = 220
  /** Each is locked until its transaction ends. */
  const TOGETHER = 5_000

  beforeAll(async () => {
    await server.createDatabase('objects')
    for (let oid = 20_000; oid < 20_000 + OBJECTS; oid += TOGETHER)
      await server.sql(
        'objects',
        `SELECT count(lo_from_bytea(n::oid, decode(md5(n::text), 'hex'))) FROM generate_series(${oid}, ${oid + TOGETHER - 1}) n`,
      )
  })

  test(`FM114 leaves a backup at no more than ${BACKUP_MB} MB of memory, and a proof at ${PROOF_MB} MB`, async () => {
    using scratch = verificationDir()
    folder.writeConf(`127.0.0.1:${server.port}/objects`)

    const backup = await peakOf(['-1'], {})
    const proof = await peakOf(['-v', 'all'], { VERIFICATION_DIR: scratch.path })

    expect(backup).toBeLessThanOrEqual(BACKUP_MB)
    expect(proof).toBeLessThanOrEqual(PROOF_MB)
  })
})

function dumpedBytes(): number {
  const [archive] = archivesIn(folder.volume)
  if (archive === undefined) throw new Error('no archive; expected one')
  return manifestBeside(archive).rawBytes
}

function peakOfBackup(env: Record<string, string>): Promise<number> {
  return peakOf(['-1'], env)
}

/** The most that the program itself, without its children, ever had in memory, in MB. */
async function peakOf(flags: readonly string[], env: Record<string, string>): Promise<number> {
  const running = startBackup(flags, { conf: folder.conf, env: { ...backupEnvironment(server, folder), ...env } })
  let peak = 0
  // scripts/backup becomes the program by exec, so this is its own pid. The mark only rises: the last look has the most.
  const watch = setInterval(() => {
    peak = highWaterMark(running.pid) ?? peak
  }, 50)
  const result = await running.result
  clearInterval(watch)
  expect(result).toMatchObject({ code: 0 })
  process.stdout.write(`resident memory at its peak: ${peak.toFixed(0)} MB\n`)
  return peak
}

/** In MB; null when the process is gone. */
function highWaterMark(pid: number): number | null {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? null : Number(kib) / 1024
  } catch {
    return null
  }
}
