import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { backupEnvironment, takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, runRestore } from '../../support/restoring.ts'
import { verificationDir } from '../../support/scratch.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createRole('landlord')
}, 120_000)

afterAll(async () => {
  await server?.stop()
})

beforeEach(() => {
  folder = backupFolder()
})

afterEach(async () => {
  folder[Symbol.dispose]()
  const made = await server.query('postgres', "SELECT datname AS name FROM pg_database WHERE datname LIKE 'old%'")
  for (const { name } of made) {
    await server.query('postgres', `ALTER DATABASE "${name}" IS_TEMPLATE false`)
    await server.query('postgres', `DROP DATABASE "${name}" WITH (FORCE)`)
  }
})

/** A database of this shape and its archive, of which nobody knows any more than what is in it. */
async function adopted(shape: string): Promise<{ readonly archive: string; readonly stdout: string }> {
  await server.createDatabase('old', { owner: 'landlord', with: `TEMPLATE template0 ${shape}` })
  await server.sql('old', "CREATE TABLE word (w text PRIMARY KEY); INSERT INTO word VALUES ('a'), ('B'), ('c')")
  const archive = await takeBackup(server, folder, { database: 'old' })
  rmSync(`${archive}.json`)
  using scratch = verificationDir()
  const env = { ...backupEnvironment(server, folder), VERIFICATION_DIR: scratch.path }
  const { stdout } = await runBackup(['-v', 'all', '--adopt'], { conf: folder.conf, env })
  return { archive, stdout }
}

async function factsOf(name: string): Promise<unknown> {
  return await server.query(
    'postgres',
    `SELECT pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider, datcollate AS collate, datctype AS ctype,
       to_jsonb(d) ->> 'daticulocale' AS icu, to_jsonb(d) ->> 'datlocale' AS locale, datdba::regrole::text AS owner,
       datconnlimit AS lim, datistemplate AS template, shobj_description(d.oid, 'pg_database') AS comment,
       (SELECT array_agg(setconfig) FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings
     FROM pg_database d WHERE datname = '${name}'`,
  )
}

describe('an adopted archive, of whose database nobody knows the shape', () => {
  test.each([
    ['a locale of libc', "LOCALE 'C'"],
    ['one of ICU', "LOCALE_PROVIDER icu ICU_LOCALE 'en-CA-u-ks-level2' LOCALE 'C.UTF-8'"],
    ['another encoding', "ENCODING 'LATIN1' LOCALE 'C'"],
  ])(
    'FM147 (%s) goes into one as the live database is',
    async (_, shape) => {
      await adopted(shape)
      await server.sql(
        'postgres',
        `ALTER DATABASE old SET work_mem = '9MB'; ALTER DATABASE old CONNECTION LIMIT 17; COMMENT ON DATABASE old IS 'ours';
       ALTER DATABASE old IS_TEMPLATE true`,
      )
      const before = await factsOf('old')

      const { code, stdout, stderr } = await runRestore(server, 'old', { folder })

      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(await factsOf('old')).toEqual(before)
      expect(stdout).toMatch(/^ {2}owner {4}landlord, .*, as the live database has it$/m)
      expect(await server.query('old', 'SELECT count(*)::int AS n FROM word')).toEqual([{ n: 3 }])
    },
    120_000,
  )

  test('FM147 without a live database a person says it, and without one nothing is made', async () => {
    const { archive } = await adopted("ENCODING 'LATIN1' LOCALE 'C'")
    await server.query('postgres', 'DROP DATABASE old')
    const restore = (...args: readonly string[]) =>
      runRestore(server, 'old', { folder, args: ['-f', archive, '--yes', ...args] })

    const unsaid = await restore()
    const ownerOnly = await restore('--owner', 'landlord')
    const stranger = await restore('--locale', 'C', '--owner', 'nobody')
    const refused = await restore('--locale', 'xx_XX')
    const before = await databasesOf(server)
    const { code, stdout, stderr } = await restore('--locale', 'C', '--owner', 'landlord')

    expect([unsaid.code, ownerOnly.code, stranger.code, refused.code]).toEqual([2, 2, 2, 1])
    expect(unsaid.stderr).toMatch(
      /nobody knows the locale of its database.*expected --locale, --icu-locale or --builtin-locale; nothing was touched; that of new databases of the server is /,
    )
    expect(stranger.stderr).toContain('--owner: neither server nor archive has role nobody; expected one that is there')
    expect(before).toEqual([])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^ {2}owner {4}landlord, LATIN1, C, as the command line says$/m)
    expect(stdout).toMatch(/^ {2}rights {3}those of a new database/m)
    expect(await factsOf('old')).toMatchObject([{ encoding: 'LATIN1', collate: 'C', ctype: 'C', owner: 'landlord' }])
  }, 120_000)

  test('FM147 a locale of ICU can be said, beside the encoding', async () => {
    const { archive } = await adopted("ENCODING 'LATIN1' LOCALE 'C'")
    await server.query('postgres', 'DROP DATABASE old')
    const args = ['-f', archive, '--yes', '--icu-locale', 'en-CA', '--locale', 'C', '--encoding', 'UTF8']

    const first = await runRestore(server, 'old', { folder, args })
    await server.query('postgres', 'DROP DATABASE old')
    await server.createDatabase('old')
    const { code, stderr, stdout } = await runRestore(server, 'old', { folder, args })

    expect(first.code, first.stderr).toBe(0)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).not.toContain('left out')
    expect(await factsOf('old')).toMatchObject([{ encoding: 'UTF8', provider: 'i', collate: 'C', owner: 'postgres' }])
  }, 120_000)

  test('FM185 in place: an encoding that takes no text of the dump is refused before anything is dropped', async () => {
    const { archive } = await adopted("ENCODING 'LATIN1' LOCALE 'C'")
    const shape = ['--locale', 'C', '--encoding', 'EUC_JP']
    await server.query('postgres', 'DROP DATABASE old')
    await server.createDatabase('old', { with: "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'" })
    await server.sql('old', "CREATE TABLE word (w text); INSERT INTO word VALUES ('a'), ('B'), ('c')")

    const { code, stderr } = await runRestore(server, 'old', {
      folder,
      args: ['-f', archive, '--in-place', '--unproved', '--yes', ...shape],
    })

    expect(code).toBe(1)
    expect(stderr).not.toContain('was dropped before')
    expect(await server.query('old', 'SELECT count(*)::int AS rows FROM word')).toEqual([{ rows: 3 }])
  }, 120_000)

  test('FM147 an archive of which the manifest says it takes no word for it', async () => {
    await server.createDatabase('old')
    await takeBackup(server, folder, { database: 'old' })

    const { code, stderr } = await runRestore(server, 'old', { folder, args: ['--yes', '--locale', 'C'] })

    expect(code).toBe(2)
    expect(stderr).toMatch(/--locale: the manifest of .* says it; expected an archive that does not/)
  }, 60_000)

  test('FM147 one without a manifest becomes what the server makes, as with the bash tool, unless a person says it', async () => {
    const { archive } = await adopted("LOCALE 'C'")
    await server.query('postgres', 'DROP DATABASE old')
    rmSync(`${archive}.json`)

    const usual = await runRestore(server, 'old', { folder, args: ['-f', archive, '--yes', '--dry-run'] })
    const said = await runRestore(server, 'old', { folder, args: ['-f', archive, '--yes', '--locale', 'C'] })

    expect({ usual: usual.code, said: said.code }).toEqual({ usual: 0, said: 0 })
    expect(usual.stdout).toMatch(/^ {2}owner {4}postgres, .*, as the server has it$/m)
    expect(await factsOf('old')).toMatchObject([{ collate: 'C' }])
  }, 120_000)

  test('FM148 is not said to be what was dumped, neither by a proof nor by a restore', async () => {
    const { stdout } = await adopted("LOCALE 'C'")

    const restored = await runRestore(server, 'old', { folder })

    expect(stdout).toMatch(/^ {2}unknown {2}the archive is what was dumped$/m)
    expect(stdout).toMatch(
      /^ {2}reason {3}its manifest was written from the archive itself on .*: what was dumped before is not known$/m,
    )
    expect(stdout).toContain('0 of 1 proved, 1 could not be verified')
    expect(restored.code).toBe(0)
    expect(restored.stdout).toMatch(/^ {2}taken .*, could not verify \d/m)
    expect(restored.stdout).toContain(
      '  compared what was loaded is what the archive holds; its manifest was made from it',
    )
    expect(restored.stdout).not.toContain('what was loaded is what was dumped')
  }, 120_000)
})
