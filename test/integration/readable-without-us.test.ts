import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { archiveText, manifestBeside, restoreWithPsql, takeBackup } from '../support/archives.ts'
import { type BackupFolder, backupFolder } from '../support/backup-program.ts'
import { clientEnvironment, type DatabasePicture, pictureOf, rolesOf } from '../support/database-picture.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, path), 'utf8')
const OBJECTS = read('../support/nasty-schema.sql') + read('../support/hard-objects.sql')
const RIGHTS = read('../support/hard-rights.sql')
const HARD = `-c "o'dd" $1 größe \\x`

interface User {
  readonly name: string
  readonly password: string
}

let source: PostgresServer
let elsewhere: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  ;[source, elsewhere] = await Promise.all([startPostgres(), startPostgres()])
})

afterAll(async () => {
  await Promise.all([source?.stop(), elsewhere?.stop()])
})

beforeEach(() => {
  folder = backupFolder()
  onTestFinished(() => folder[Symbol.dispose]())
})

describe('a database with everything in it, as a superuser', () => {
  let archive: string
  let original: DatabasePicture
  let archiveFolder: BackupFolder

  beforeAll(async () => {
    archiveFolder = backupFolder()
    await source.createDatabase(HARD)
    await source.sql(HARD, OBJECTS + RIGHTS)
    original = await pictureOf(source, HARD)
    archive = await takeBackup(source, archiveFolder, { database: HARD })
  })

  afterAll(() => archiveFolder?.[Symbol.dispose]())

  test('comes back on a server that has none of its roles, and they come with it', async () => {
    await elsewhere.createDatabase('copy')

    await restoreInto(elsewhere, 'copy', archive)

    expect(await pictureOf(elsewhere, 'copy')).toEqual(original)
    expect(await rolesOf(elsewhere)).toEqual(await rolesOf(source))
    expect(original.facts).toMatchObject([{ datconnlimit: 17, comment: "it's\nthe \\ $$ base; --" }])
    expect(original.largeObjects).toHaveLength(3)
  })

  test('comes back on its own server, under another name, and touches no role', async () => {
    await source.createDatabase('copy')
    await source.query('postgres', `ALTER ROLE reader SET work_mem = '9MB'`)
    const roles = await rolesOf(source)

    await restoreInto(source, 'copy', archive)

    expect(await pictureOf(source, 'copy')).toEqual(original)
    expect(await rolesOf(source)).toEqual(roles)
  })

  test('FM86 the settings, rights, comment and connection limit of the database are in the archive, as SQL that names no database', () => {
    const text = Buffer.from(archiveText(archive, 'database'), 'latin1').toString('utf8')

    expect(text).not.toContain(HARD)
    expect(text).toContain('CONNECTION LIMIT 17')
    expect(text).toContain(`''odd; -- schema'', ''$user'', ''public''`)
    expect(manifestBeside(archive).database).toMatchObject({
      name: HARD,
      comment: "it's\nthe \\ $$ base; --",
      connectionLimit: 17,
      settings: expect.arrayContaining([
        { role: null, name: 'app.Note', value: `it's; \\ $backup$ "odd"` },
        { role: 'größe', name: 'TimeZone', value: 'America/Vancouver' },
      ]),
      acl: expect.arrayContaining([
        { grantee: 'größe', privileges: ['CREATE', 'TEMPORARY'], grantable: ['CREATE', 'TEMPORARY'] },
      ]),
    })
  })

  test('FM89 what looks like COPY, a trailer or a meta-command in names, comments and bodies is counted as what it is', () => {
    const { fingerprint } = manifestBeside(archive)

    expect(
      fingerprint.tables.map(({ name, columns, rows }) => `${name} (${columns.join(', ')}) ${rows}`).toSorted(),
    ).toEqual(
      Object.entries(original.rows)
        .map(([table, rows]) => `${table} ${rows.length}`)
        .toSorted(),
    )
    expect(fingerprint.largeObjects.count).toBe(3)
    expect(fingerprint.statements.count + fingerprint.sequences.count).toBe(
      original.statements.filter(
        statement =>
          !/^SET |^SELECT pg_catalog\.(set_config|lo_open|lowrite|lo_close)|^(BEGIN|COMMIT);/.test(statement),
      ).length,
    )
  })

  test('FM16 the archive holds no password of a role', () => {
    expect(archiveText(archive)).not.toMatch(/planted-secret|SCRAM-SHA-256/)
  })
})

describe('a database of one owner who is no superuser', () => {
  test('comes back as that owner, on its own server and on another that has the owner but no other role', async () => {
    const owner = { name: 'Shop "owner"', password: await source.createRole('Shop "owner"') }
    await elsewhere.createRole(owner.name, { password: owner.password })
    await source.createDatabase('shop', { owner: owner.name })
    await source.sql('shop', `SET SESSION AUTHORIZATION "Shop ""owner""";\n${OBJECTS}`)
    const original = await pictureOf(source, 'shop')
    const archive = await takeBackup(source, folder, { database: 'shop', user: owner })

    for (const server of [source, elsewhere]) {
      await server.createDatabase('shop_copy', { owner: owner.name })
      await restoreInto(server, 'shop_copy', archive, owner)
      expect(await pictureOf(server, 'shop_copy')).toEqual(original)
    }
    expect(manifestBeside(archive)).toMatchObject({ omitted: [], database: { owner: owner.name } })
  })
})

describe('what the loading owner may not do', () => {
  test('becomes a warning, and everything else is there', async () => {
    const owner = { name: 'guarded', password: await source.createRole('guarded') }
    await source.createDatabase('guarded', { owner: owner.name })
    await source.sql('guarded', 'CREATE TABLE t (a int); ALTER TABLE t OWNER TO guarded; INSERT INTO t VALUES (1);')
    await source.sql(
      'guarded',
      `ALTER DATABASE guarded SET log_statement = 'none'; ALTER DATABASE guarded SET work_mem = '5MB'`,
    )
    await source.sql('guarded', `CREATE ROLE bystander; ALTER ROLE bystander IN DATABASE guarded SET work_mem = '6MB'`)
    const archive = await takeBackup(source, folder, { database: 'guarded', user: owner })
    await elsewhere.createRole(owner.name, { password: owner.password })
    await elsewhere.createDatabase('guarded', { owner: owner.name })

    const said = await restoreInto(elsewhere, 'guarded', archive, owner)

    const copy = await pictureOf(elsewhere, 'guarded')
    expect(copy).toMatchObject({ rows: { 'public.t (a)': ['1'] }, facts: [{ settings: [[null, 'work_mem=5MB']] }] })
    expect(said).toMatch(/WARNING: {2}permission denied to create role/)
    expect(said).toMatch(/WARNING: {2}permission denied to set parameter "log_statement"/)
    expect(said).not.toMatch(/ERROR/)
  })
})

describe('a database in an encoding of the past', () => {
  test.each([
    [
      'LATIN1',
      `CREATE TABLE größe (é text DEFAULT 'ÿ;à'); INSERT INTO größe VALUES ('ü;\\'), ('ÿ'); COMMENT ON TABLE größe IS 'é''\\';`,
    ],
    ['EUC_JP', `CREATE TABLE 表 (名 text); INSERT INTO 表 VALUES ('日本\\'), ('語;');`],
  ])('in %s comes back byte for byte', async (encoding, sql) => {
    const like = `ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`
    const name = `in_${encoding.toLowerCase()}`
    await source.createDatabase(name, { with: like })
    await source.sql(name, `${sql} COMMENT ON DATABASE ${name} IS 'plain';`)
    await elsewhere.createDatabase(name, { with: like })

    await restoreInto(elsewhere, name, await takeBackup(source, folder, { database: name }))

    expect(await pictureOf(elsewhere, name)).toEqual(await pictureOf(source, name))
  })

  test('in SQL_ASCII comes back byte for byte, whatever its bytes mean', async () => {
    const like = `ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`
    await source.createDatabase('ascii', { with: like })
    await source.sql(
      'ascii',
      `SET client_encoding = 'SQL_ASCII'; CREATE TABLE größe (é text);
       INSERT INTO größe VALUES (E'\\xfc;\\\\'), (E'\\xff\\xfe'), ('ü'), (E'\\x5c\\x2e');
       DO $do$ BEGIN EXECUTE E'COMMENT ON TABLE größe IS ''\\xe9;''; CREATE TABLE "\\xc4" ("\\xe4;" text DEFAULT ''\\xdf'')'; END $do$;`,
    )
    await elsewhere.createDatabase('ascii', { with: like })

    await restoreInto(elsewhere, 'ascii', await takeBackup(source, folder, { database: 'ascii' }))

    expect(await pictureOf(elsewhere, 'ascii')).toEqual(await pictureOf(source, 'ascii'))
  })
})

describe('settings of the database and of the role that a session starts with', () => {
  test('FM78 a fingerprint does not depend on TimeZone, bytea_output, quote_all_identifiers, client_encoding and their like', async () => {
    const user = { name: 'dumper', password: await source.createRole('dumper', { attributes: 'SUPERUSER' }) }
    for (const name of ['plain', 'twisted']) {
      await source.createDatabase(name)
      await source.sql(name, OBJECTS)
    }
    await source.sql('twisted', TWISTED)
    const plain = manifestBeside(await takeBackup(source, folder, { database: 'plain', user }))

    const ofDatabase = manifestBeside(await takeBackup(source, folder, { database: 'twisted', user }))
    await source.sql('plain', TWISTED_ROLE)
    const ofRole = manifestBeside(await takeBackup(source, folder, { database: 'plain', user }))

    expect(ofDatabase.fingerprint).toEqual(plain.fingerprint)
    expect(ofRole.fingerprint).toEqual(plain.fingerprint)
  })
})

const TWISTS = [
  ['TimeZone', 'America/St_Johns'],
  ['bytea_output', 'escape'],
  ['quote_all_identifiers', 'on'],
  ['client_encoding', 'LATIN1'],
  ['DateStyle', 'German, DMY'],
  ['IntervalStyle', 'sql_standard'],
  ['extra_float_digits', '-15'],
  ['xmlbinary', 'hex'],
  ['standard_conforming_strings', 'off'],
  ['default_transaction_read_only', 'on'],
  ['default_transaction_isolation', 'serializable'],
  ['row_security', 'off'],
]
const twists = (whose: string): string => TWISTS.map(([name, value]) => `${whose} SET ${name} = '${value}';`).join('\n')
const TWISTED = twists('ALTER DATABASE twisted') + twists('ALTER ROLE dumper IN DATABASE twisted')
const TWISTED_ROLE = twists('ALTER ROLE dumper')

async function restoreInto(server: PostgresServer, database: string, archive: string, user?: User): Promise<string> {
  return await restoreWithPsql(archive, join(server.binFolder, 'psql'), clientEnvironment(server, database, user))
}
