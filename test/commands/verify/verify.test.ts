import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VerificationOutcome } from '../../../src/events.ts'
import { backupEnvironment, manifestBeside, takeBackup } from '../../support/archives.ts'
import {
  type BackupFolder,
  backupFolder,
  type ProgramResult,
  runBackup,
  startBackup,
} from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { descendantsOf } from '../../support/processes.ts'
import { tamper } from '../../support/tamper.ts'
import { untilTrue } from '../../support/until-true.ts'

const TIMEOUT = 120_000
const owner = { name: 'shop_owner', password: 'a-password-that-nobody-may-see' }

let server: PostgresServer
/** Taken once; each test works on a copy. */
let original: BackupFolder
let archive: string

beforeAll(async () => {
  server = await startPostgres()
  original = backupFolder()
  await server.createRole(owner.name, owner)
  await server.createRole('reader')
  await server.createDatabase('shop', { owner: owner.name })
  await server.sql(
    'shop',
    `SET ROLE shop_owner;
     CREATE SCHEMA shop;
     CREATE TABLE shop.customer (id int PRIMARY KEY, name text NOT NULL DEFAULT 'nobody', state varchar(9) CHECK (state IN ('new', 'old')));
     INSERT INTO shop.customer SELECT i, 'customer ' || i, 'new' FROM generate_series(1, 1000) i;
     CREATE INDEX customer_name ON shop.customer (name);
     CREATE SEQUENCE shop.ticket START 42;
     GRANT SELECT ON shop.customer TO reader;
     COMMENT ON TABLE shop.customer IS 'who buys';
     CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER touched BEFORE UPDATE ON shop.customer FOR EACH ROW EXECUTE FUNCTION shop.touch();
     SELECT lo_from_bytea(4711, 'a large object');
     RESET ROLE;
     ALTER DATABASE shop SET work_mem = '7MB';
     COMMENT ON DATABASE shop IS 'the shop';`,
  )
  archive = await takeBackup(server, original, { database: 'shop' })
}, TIMEOUT)
afterAll(async () => {
  original[Symbol.dispose]()
  await server.stop()
})

/** A volume of its own with a copy of the archive; scratch servers run in its own folder. */
function copyOfVolume(): { folder: BackupFolder; archive: string; scratch: string } & Disposable {
  const folder = backupFolder(`127.0.0.1:${server.port}/shop`)
  const copy = join(folder.volume, archive.slice(original.volume.length + 1))
  // As root the server runs as another user, who has to get there.
  chmodSync(folder.path, 0o711)
  const scratch = join(folder.path, 'scratch')
  mkdirSync(scratch)
  writeFileWithFolder(copy, readFileSync(archive))
  copyFileSync(`${archive}.json`, `${copy}.json`)
  return { folder, archive: copy, scratch, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

function writeFileWithFolder(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}

async function verify(
  at: { readonly folder: BackupFolder; readonly scratch: string },
  args: readonly string[] = ['-v', 'all'],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<ProgramResult & { readonly outcomes: readonly VerificationOutcome[] }> {
  const result = await runBackup([...args, '--json'], {
    conf: at.folder.conf,
    env: { ...backupEnvironment(server, at.folder), VERIFICATION_DIR: at.scratch, ...env },
  })
  const report =
    result.stdout === '' ? { databases: [] } : (JSON.parse(result.stdout) as { databases: VerificationOutcome[] })
  return { ...result, outcomes: report.databases }
}

const HELD = { isWhatWasDumped: 'held', loads: 'held', comesBack: 'held' }
const namesIn = ({ reasons }: VerificationOutcome): readonly string[] =>
  reasons.map(({ name, text }) => `${name}: ${text}`)

describe('backup -v', { timeout: TIMEOUT }, () => {
  test('proves what was backed up, fact by fact, and writes the verdict into the manifest', async () => {
    using at = copyOfVolume()

    const result = await verify(at)

    expect(result.outcomes).toMatchObject([
      { database: `127.0.0.1:${server.port}/shop`, verdict: 'proved', facts: HELD, reasons: [], tables: 1, rows: 1000 },
    ])
    expect(result.code).toBe(0)
    expect(manifestBeside(at.archive).verifications).toMatchObject([
      { from: 'volume', verdict: 'proved', reasons: [], durationSeconds: expect.any(Number) },
    ])
    expect(readdirSync(at.scratch)).toEqual([])
    expect(readdirSync(join(at.folder.volume, '.backup/pins'))).toEqual([])
  })

  test('needs no credentials, and no server but its own', async () => {
    using at = copyOfVolume()
    at.folder.writeConf('')
    const nothing = { DATABASE_USER: undefined, DATABASE_PASSWORD: undefined }

    const result = await verify(at, ['-v', `127.0.0.1:${server.port}/shop`], nothing)

    expect(result.outcomes).toMatchObject([{ verdict: 'proved' }])
  })

  test('FM59 FM70 a byte that changed in the file is found before anything is loaded', async () => {
    using at = copyOfVolume()
    const bytes = readFileSync(at.archive)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(at.archive, bytes)

    const result = await verify(at)

    expect(result.code).toBe(4)
    expect(result.outcomes).toMatchObject([
      { verdict: 'failed', facts: { isWhatWasDumped: 'broken', loads: 'unknown', comesBack: 'unknown' } },
    ])
    expect(manifestBeside(at.archive).verifications).toMatchObject([{ verdict: 'failed' }])
  })

  test.each<readonly [string, (text: string) => string, RegExp]>([
    ['a dropped row', text => text.replace('7\tcustomer 7\tnew\n', ''), /^shop\.customer: 999 rows; expected 1000/],
    ['a changed character', text => text.replace('customer 7\t', 'customer 8\t'), /^shop\.customer: other data/],
    ['a dropped statement', text => text.replace(/CREATE INDEX.*\n/, ''), /statements; expected/],
    [
      'another sequence value',
      text => text.replace(/setval\('shop.ticket', 42/, "setval('shop.ticket', 43"),
      /sequences/,
    ],
  ])('FM70 %s in the archive is found and named, although the hash of the file is right', async (_, dump, name) => {
    using at = copyOfVolume()
    tamper(at.archive, { dump })

    const result = await verify(at)

    expect(result.code).toBe(4)
    expect(result.outcomes).toMatchObject([{ verdict: 'failed', facts: { isWhatWasDumped: 'broken' } }])
    expect(namesIn(result.outcomes[0] as VerificationOutcome).join('\n')).toMatch(name)
  })

  test.each<readonly [string, RegExp]>([
    ['DELETE FROM shop.customer WHERE id = 7;', /^shop\.customer: 999 rows; expected 1000/m],
    ["UPDATE shop.customer SET name = 'x' WHERE id = 7;", /^shop\.customer: other data/m],
    ['DROP INDEX shop.customer_name;', /INDEX.*customer_name: it is in the archive and did not come back/],
    ['ALTER TABLE shop.customer DROP CONSTRAINT customer_pkey;', /customer_pkey: it is in the archive and did not/],
    ['ALTER TABLE shop.customer ALTER name DROP DEFAULT;', /TABLE shop\.customer/],
    ['REVOKE ALL ON TABLE shop.customer FROM reader;', /GRANT.*reader: it is in the archive and did not/],
    ['COMMENT ON TABLE shop.customer IS NULL;', /COMMENT.*shop\.customer: it is in the archive and did not/],
    ['DROP TRIGGER touched ON shop.customer;', /TRIGGER.*touched: it is in the archive and did not/],
    ["SELECT pg_catalog.lo_put(4711, 0, 'X');", /4711: it came back as another one/],
  ])('FM70 what does not come back is named: %s', async (statement, name) => {
    using at = copyOfVolume()
    const dump = (text: string): string =>
      text.replace('--\n-- PostgreSQL database dump complete', `${statement}\n\n$&`)
    tamper(at.archive, { dump, newFingerprint: true })

    const result = await verify(at)

    expect(result.outcomes).toMatchObject([
      { verdict: 'failed', facts: { isWhatWasDumped: 'held', loads: 'held', comesBack: 'broken' } },
    ])
    expect(namesIn(result.outcomes[0] as VerificationOutcome).join('\n')).toMatch(name)
    expect(result.code).toBe(4)
  })

  test('FM58 a statement that does not load fails the proof and is named; -I lists it, and proves nothing', async () => {
    using at = copyOfVolume()
    const dump = (text: string): string =>
      text.replace('CREATE INDEX', 'ALTER TABLE shop.nowhere ADD COLUMN a int;\n$&')
    tamper(at.archive, { dump, newFingerprint: true })

    const plain = await verify(at)
    const ignoring = await verify(at, ['-Iv', 'all'])

    expect(plain.code).toBe(4)
    expect(plain.outcomes).toMatchObject([
      { verdict: 'failed', facts: { isWhatWasDumped: 'held', loads: 'broken', comesBack: 'unknown' } },
    ])
    expect(namesIn(plain.outcomes[0] as VerificationOutcome)).toEqual([expect.stringContaining('shop.nowhere')])
    expect(ignoring.code).toBe(5)
    expect(ignoring.outcomes).toMatchObject([{ verdict: 'could-not-verify', facts: { loads: 'broken' } }])
    expect(namesIn(ignoring.outcomes[0] as VerificationOutcome).join('\n')).toContain('shop.nowhere')
  })

  test('FM71 without an archive it could not verify, and one database never hides another', async () => {
    using at = copyOfVolume()
    at.folder.writeConf(`127.0.0.1:${server.port}/nothing\n127.0.0.1:${server.port}/shop`)

    const result = await verify(at)

    expect(result.code).toBe(5)
    expect(result.outcomes.map(outcome => [outcome.verdict, outcome.archive === null])).toEqual([
      ['could-not-verify', true],
      ['proved', false],
    ])
  })

  test('FM71 an old archive is proved, and still no proof of a backup', async () => {
    using at = copyOfVolume()
    const old = (manifest: ReturnType<typeof manifestBeside>) => ({
      ...manifest,
      startedAt: '2020-01-01T01:00:00-07:00',
    })
    tamper(at.archive, { manifest: old })

    const result = await verify(at)

    expect(result.code).toBe(5)
    expect(result.outcomes).toMatchObject([{ verdict: 'could-not-verify', facts: HELD, reasons: [{ kind: 'stale' }] }])
    expect(manifestBeside(at.archive).verifications).toMatchObject([{ verdict: 'proved' }])
  })

  test('FM62 FM72 an extension that is not installed is named before anything is loaded', async () => {
    using at = copyOfVolume()
    tamper(at.archive, {
      manifest: manifest => ({
        ...manifest,
        database: { ...manifest.database, extensions: [{ name: 'timescaledb', version: '2.1' }] },
      }),
    })

    const result = await verify(at)

    expect(result.code).toBe(5)
    expect(result.outcomes).toMatchObject([{ verdict: 'could-not-verify', reasons: [{ name: 'timescaledb' }] }])
  })

  test('FM62 FM72 what only the dump names, and is not installed, is found when it does not load', async () => {
    using at = copyOfVolume()
    const statement = 'CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA public;'
    tamper(at.archive, { dump: text => text.replace('CREATE SCHEMA', `${statement}\n\n$&`), newFingerprint: true })

    const result = await verify(at)

    expect(result.code).toBe(5)
    expect(result.outcomes).toMatchObject([{ verdict: 'could-not-verify', reasons: [{ name: 'timescaledb' }, {}] }])
  })

  test('FM72 without a folder for scratch servers it could not verify, and says what to do', async () => {
    using at = copyOfVolume()
    rmSync(at.scratch, { recursive: true })

    const result = await verify(at)

    expect(result.code).toBe(5)
    expect(result.outcomes).toMatchObject([
      { verdict: 'could-not-verify', reasons: [{ text: expect.stringContaining('VERIFICATION_DIR') }] },
    ])
  })

  test('FM85 FM86 what was left out is said of a proof, and a lost database setting is no proof', async () => {
    using at = copyOfVolume()
    const omitted = [{ kind: 'subscription', name: 'news', sqlstate: null, text: 'subscription news was left out' }]
    tamper(at.archive, { manifest: manifest => ({ ...manifest, omitted }) })
    const without = await verify(at)
    tamper(at.archive, {
      manifest: manifest => ({
        ...manifest,
        database: { ...manifest.database, settings: [{ role: null, name: 'work_mem', value: '8MB' }] },
      }),
    })
    const lost = await verify(at)

    expect(without.outcomes).toMatchObject([
      { verdict: 'proved', notes: expect.arrayContaining(['without: subscription news']) },
    ])
    expect(lost.outcomes).toMatchObject([{ verdict: 'failed', reasons: [{ name: 'work_mem' }] }])
  })

  test('FM72 one scratch server serves all databases of a run, and one that fails stops none', async () => {
    using at = copyOfVolume()
    const spec = `127.0.0.1:${server.port}`
    at.folder.writeConf(`${spec}/broken\n${spec}/shop`)
    const broken = at.archive.replaceAll('127.0.0.1-shop_', '127.0.0.1-broken_')
    copyFileSync(at.archive, broken)
    const manifest = manifestBeside(at.archive)
    const database = { ...manifest.database, name: 'broken' }
    const archiveName = broken.split('/').at(-1)
    writeFileSync(`${broken}.json`, JSON.stringify({ ...manifest, archive: archiveName, database }))
    tamper(broken, { dump: text => text.replace('7\tcustomer 7\tnew\n', '') })

    const result = await verify(at, ['-v', 'all'], { BACKUP_LOG_LEVEL: 'debug' })

    expect(result.code).toBe(4)
    expect(result.outcomes.map(outcome => outcome.verdict)).toEqual(['failed', 'proved'])
    expect(result.stderr.match(/database system is ready to accept connections/g)).toHaveLength(1)
  })

  test('an archive without a manifest is loaded and looked at, and could not be verified', async () => {
    using at = copyOfVolume()
    rmSync(`${at.archive}.json`)

    const result = await verify(at)

    expect(result.code).toBe(5)
    expect(result.outcomes).toMatchObject([
      {
        verdict: 'could-not-verify',
        facts: { isWhatWasDumped: 'unknown', loads: 'held', comesBack: 'held' },
        reasons: [{ kind: 'no-fingerprint', text: expect.stringContaining('--adopt') }],
        tables: 1,
        rows: 1000,
      },
    ])
  })

  test.each(['roles first', 'roles last'])(
    'FM60 FM148 an archive of the bash tool, %s, is adopted, and proved but for what was dumped',
    async order => {
      using at = copyOfVolume()
      await asBashTool(at.archive, order)

      const result = await verify(at, ['-v', 'all', '--adopt'])
      const again = await verify(at)

      const facts = { ...HELD, isWhatWasDumped: 'unknown' }
      const reasons = [{ kind: 'adopted', text: expect.stringContaining('written from the archive itself') }]
      expect([result.code, again.code]).toEqual([5, 5])
      expect(result.outcomes).toMatchObject([{ verdict: 'could-not-verify', facts, reasons, rows: 1000 }])
      expect(again.outcomes).toMatchObject([{ verdict: 'could-not-verify', facts, reasons }])
      expect(manifestBeside(at.archive)).toMatchObject({
        database: { name: 'shop', owner: null, encoding: 'UTF8', sizeBytes: null },
        adopted: { unknown: expect.arrayContaining(['database.owner', 'finishedAt']) },
        verifications: [{ verdict: 'could-not-verify' }, { verdict: 'could-not-verify' }],
      })
    },
  )

  test('FM72 FM78 rows of an archive of the bash tool that only its unknown session may have written otherwise: nobody can tell', async () => {
    using at = copyOfVolume()
    await asBashTool(at.archive, 'roles first')
    const text = gunzipSync(readFileSync(at.archive)).toString('latin1')
    // What a time zone does to a timestamp: the same value in other letters.
    writeFileSync(at.archive, gzipSync(text.replace('\n7\tcustomer 7\t', '\n07\tcustomer 7\t')))

    const before = await verify(at)
    const adopted = await verify(at, ['-v', 'all', '--adopt'])

    for (const { code, outcomes } of [before, adopted]) {
      expect(code).toBe(5)
      expect(outcomes).toMatchObject([{ verdict: 'could-not-verify', facts: { loads: 'held', comesBack: 'unknown' } }])
      expect(outcomes[0]?.reasons).toContainEqual(
        expect.objectContaining({ kind: 'table', name: 'shop.customer', text: expect.stringContaining('time zone') }),
      )
    }
  })

  test.each<readonly [string, (text: string) => string]>([
    ['is cut', text => text.slice(0, text.indexOf('CREATE INDEX'))],
    ['holds roles only', text => text.slice(0, text.indexOf('-- PostgreSQL database dump\n'))],
  ])('FM87 an archive of the bash tool that %s is not adopted, and fails', async (_, cut) => {
    using at = copyOfVolume()
    await asBashTool(at.archive, 'roles first')
    writeFileSync(at.archive, gzipSync(cut(gunzipSync(readFileSync(at.archive)).toString('latin1'))))

    const result = await verify(at, ['-v', 'all', '--adopt'])

    expect(result.code).toBe(4)
    expect(result.outcomes).toMatchObject([{ verdict: 'failed', facts: { isWhatWasDumped: 'broken' } }])
    expect(readdirSync(dirname(at.archive))).toHaveLength(1)
  })

  test('FM39 SIGTERM in the middle leaves nothing behind, records no verdict, and exits 143', async () => {
    using at = copyOfVolume()
    const stall = (text: string): string => text.replace('CREATE INDEX', 'SELECT pg_catalog.pg_sleep(600);\n$&')
    tamper(at.archive, { dump: stall, newFingerprint: true })
    const program = startBackup(['-v', 'all'], {
      conf: at.folder.conf,
      env: { ...backupEnvironment(server, at.folder), VERIFICATION_DIR: at.scratch },
    })
    await program.printed(/verification-started|started {4}/)
    await untilTrue(() => descendantsOf(program.pid).some(each => /SELECT/.test(each.commandLine)))
    const running = descendantsOf(program.pid)

    program.kill('SIGTERM')
    const { code } = await program.result

    expect(code).toBe(143)
    expect(running.some(each => each.command.startsWith('postgres'))).toBe(true)
    expect(readdirSync(at.scratch)).toEqual([])
    expect(manifestBeside(at.archive).verifications).toEqual([])
    expect(readdirSync(join(at.folder.volume, '.backup/pins'))).toEqual([])
  })
})

/** Makes of an archive what the bash tool would have written: the roles of the cluster and the dump in one gzip file. */
async function asBashTool(path: string, order: string): Promise<void> {
  const { dump } = partsOf(path)
  const roles = await rolesOf(server)
  rmSync(`${path}.json`)
  writeFileSync(path, gzipSync(Buffer.concat(order === 'roles first' ? [roles, dump] : [dump, roles])))
}

function partsOf(path: string): { readonly dump: Buffer } {
  const part = manifestBeside(path).parts.find(each => each.part === 'dump')
  const bytes = readFileSync(path).subarray(part?.offset, (part?.offset ?? 0) + (part?.bytes ?? 0))
  return { dump: gunzipSync(bytes) }
}

async function rolesOf({ binFolder, port, superuser, password }: PostgresServer): Promise<Buffer> {
  const env = { PATH: process.env.PATH, PGPASSWORD: password }
  const args = ['--roles-only', '-h', '127.0.0.1', '-p', String(port), '-U', superuser]
  const { stdout } = await promisify(execFile)(join(binFolder, 'pg_dumpall'), args, { env, encoding: 'buffer' })
  return stdout
}
