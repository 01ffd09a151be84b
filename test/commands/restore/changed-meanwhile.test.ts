import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeBackup } from '../../support/archives.ts'
import { type BackupFolder, backupFolder, type ProgramResult } from '../../support/backup-program.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import { databasesOf, startRestore } from '../../support/restoring.ts'
import { untilTrue } from '../../support/until-true.ts'

let server: PostgresServer
let folder: BackupFolder

beforeAll(async () => {
  server = await startPostgres()
  await server.createDatabase('app')
  await server.sql('app', "CREATE TABLE word AS SELECT 'archive' AS word")
  folder = backupFolder()
  await takeBackup(server, folder, { database: 'app' })
  await server.sql('app', 'DROP TABLE word')
}, 120_000)

afterAll(async () => {
  folder?.[Symbol.dispose]()
  await server?.stop()
})

/** A restore of the archive into a database, and what somebody else does before its swap; its `stderr` is the message. */
async function restoreBeside(
  target: string,
  meanwhile: (side: string) => Promise<void>,
): Promise<ProgramResult & { readonly side: string }> {
  const running = startRestore(server, target, { folder, args: ['--yes', '--of', `127.0.0.1:${server.port}/app`] })
  await running.printed(/loading into/)
  let side = ''
  await untilTrue(async () => {
    side = (await databasesOf(server)).find(name => name.startsWith(`${target}_restore_`)) ?? ''
    const [row] = await server.query(
      'postgres',
      `SELECT shobj_description(oid, 'pg_database') AS text FROM pg_database WHERE datname = '${side}'`,
    )
    return String(row?.text).includes('state=')
  })
  running.kill('SIGSTOP')
  await meanwhile(side)
  running.kill('SIGCONT')
  const result = await running.result
  return { ...result, stderr: result.stderr.split('\n').find(line => line.startsWith('backup: ')) ?? '', side }
}

/** The statements of a message, which a person copies from it. */
async function typeWhatItSays({ stderr }: ProgramResult): Promise<string> {
  const [, statements = ''] = /with nobody connected, (.*;) puts it in place/.exec(stderr) ?? []
  for (const statement of statements.split(/(?<=;) /)) await server.query('postgres', statement)
  return statements
}

async function make(name: string): Promise<void> {
  await server.createDatabase(name)
  await server.sql(name, "CREATE TABLE word AS SELECT 'stranger' AS word")
}

async function wordIn(database: string): Promise<unknown> {
  return (await server.query(database, 'SELECT word FROM word'))[0]?.word
}

describe('a restore whose databases were changed before its swap', { timeout: 120_000 }, () => {
  test('FM166 the target appeared: it is untouched, and what the message says to type puts it aside', async () => {
    const failed = await restoreBeside('fresh', () => make('fresh'))
    const word = await wordIn('fresh')
    const statements = await typeWhatItSays(failed)

    const [, aside = ''] = /RENAME TO "(fresh_before_\w+)"/.exec(statements) ?? []
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('a database of this name was made during the restore; expected those of the plan')
    expect(failed.stderr).toContain('nothing was swapped, and what has that name now is untouched')
    expect(failed.stderr).toContain(`the restored database is whole and stays as ${failed.side}`)
    expect(failed.stderr).toContain(`DROP DATABASE "${failed.side}"; gives it up`)
    expect([word, await wordIn('fresh'), await wordIn(aside)]).toEqual(['stranger', 'archive', 'stranger'])
  })

  test('FM166 the live one was renamed: nobody has its name, and the restored one gets it', async () => {
    await make('moved')
    const failed = await restoreBeside('moved', async () => {
      await server.query('postgres', 'ALTER DATABASE moved RENAME TO elsewhere')
    })
    const statements = await typeWhatItSays(failed)

    expect(failed.stderr).toContain('the live database was renamed to elsewhere during the restore')
    expect(statements).not.toContain('_before_')
    expect([await wordIn('moved'), await wordIn('elsewhere')]).toEqual(['archive', 'stranger'])
  })

  test('FM166 another one has the place of the live one: it is put aside', async () => {
    await make('anew')
    const failed = await restoreBeside('anew', async () => {
      await server.query('postgres', 'ALTER DATABASE anew RENAME TO older')
      await make('anew')
    })
    const statements = await typeWhatItSays(failed)

    const [, aside = ''] = /RENAME TO "(anew_before_\w+)"/.exec(statements) ?? []
    expect(failed.stderr).toContain(
      'the live database was renamed to older and a database of this name was made during the restore',
    )
    expect([await wordIn('anew'), await wordIn(aside)]).toEqual(['archive', 'stranger'])
  })

  test('FM166 the name for the live one was taken: another is said', async () => {
    await make('taken')
    const failed = await restoreBeside('taken', side => make(side.replace('_restore_', '_before_')))
    await typeWhatItSays(failed)

    expect(failed.code).toBe(1)
    expect(await wordIn('taken')).toBe('archive')
    expect((await databasesOf(server)).filter(name => name.startsWith('taken_before_'))).toHaveLength(2)
  })
})
