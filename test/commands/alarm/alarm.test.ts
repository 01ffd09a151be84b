import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import { lastWithoutAlarm } from '../../../src/commands/alarm/last-without-alarm.ts'
import { recordedDatabase } from '../../../src/config/source-id.ts'
import { readHistory } from '../../../src/status/edge/history.ts'
import { type Clock, systemClock } from '../../../src/system/clock.ts'
import { backupEnvironment } from '../../support/archives.ts'
import { backupInProcess } from '../../support/backup-in-process.ts'
import { type BackupFolder, backupFolder, runBackup } from '../../support/backup-program.ts'
import { archivePaths, manifestIn } from '../../support/backups.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'

/** Whatever day it is, the backup is a daily one, and two of them are kept. */
const KEEP = { DAILY_BACKUPS: '2', WEEKLY_BACKUPS: '0', MONTHLY_BACKUPS: '0', TZ: 'UTC' }

let server: PostgresServer
let databases = 0

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

function clockAt(instant: string): Clock {
  return { ...systemClock, now: () => new Date(instant) }
}

/** A database of its own with twenty clients and a sale, and its backup folder. */
async function shop() {
  databases += 1
  const database = `shop${databases}`
  await server.createDatabase(database)
  const sql = (text: string): Promise<unknown> => server.query(database, text)
  await sql(`CREATE TABLE client AS SELECT g AS id, 'client ' || g AS name FROM generate_series(1, 20) g`)
  await sql('CREATE TABLE sale (id integer, what text)')
  await sql(`INSERT INTO sale VALUES (1, 'one')`)
  const spec = `127.0.0.1:${server.port}/${database}`
  const folder = backupFolder(spec)
  const asked = { conf: folder.conf, env: { ...backupEnvironment(server, folder), ...KEEP } }
  /** Backs up on that day of November. */
  const backUp = (day: number): Promise<{ code: number; stdout: string }> => {
    return backupInProcess({ ...asked, clock: clockAt(`2026-11-${String(day).padStart(2, '0')}T01:00:00Z`) })
  }
  const run = (...args: readonly string[]) => runBackup(args, asked)
  return { sql, spec, folder, backUp, run, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

function days(folder: BackupFolder): readonly number[] {
  return archivePaths(folder.volume).map(path => Number(path.slice('daily/2026-11-'.length).slice(0, 2)))
}

function alarmOn(folder: BackupFolder, day: number) {
  const path = archivePaths(folder.volume).find(each => each.includes(`2026-11-${String(day).padStart(2, '0')}/`)) ?? ''
  return manifestIn(folder.volume, path).alarm
}

describe('an alarm of content', () => {
  test('FM210 a table that is emptied is told at once, and the backup is good', async () => {
    using it = await shop()
    await it.backUp(1)
    await it.sql('TRUNCATE client')

    const { code, stdout } = await it.backUp(2)

    expect(code).toBe(0)
    expect(stdout).toContain(`ALARM      ${it.spec}: public.client is empty, of 20 rows; against `)
    expect(stdout).toContain(`if it is right: backup --accept ${it.spec}`)
    expect(alarmOn(it.folder, 1)).toBeUndefined()
    expect(alarmOn(it.folder, 2)).toMatchObject({
      since: '2026-11-02T01:00:00+00:00',
      findings: [{ kind: 'emptied', table: 'public.client', before: 20, now: 0 }],
    })
  })

  test('FM211 while it stands nothing from before it is pruned, and it closes when the rows are back', async () => {
    using it = await shop()
    for (const day of [1, 2]) await it.backUp(day)
    await it.sql('CREATE TABLE kept AS TABLE client')
    await it.sql('TRUNCATE client')
    for (const day of [3, 4, 5, 6]) await it.backUp(day)

    expect(days(it.folder)).toEqual([1, 2, 5, 6])
    expect(alarmOn(it.folder, 6)?.id).toBe(alarmOn(it.folder, 5)?.id)
    const shown = await it.run('-p', '--dry-run')
    expect(shown.stdout).toMatch(/^keep +daily\/2026-11-01\/.* before an alarm$/m)
    const named = await it.run('-p', '-s', '-f', '2026-11-01')
    expect(named.stdout).toContain('before an alarm: only --force removes it')

    await it.sql('INSERT INTO client TABLE kept')
    await it.backUp(7)

    expect(alarmOn(it.folder, 7)).toBeUndefined()
    expect(days(it.folder)).toEqual([6, 7])
  })

  test('FM212 a person accepts it: later backups are held against the new state, and pruning goes on', async () => {
    using it = await shop()
    for (const day of [1, 2]) await it.backUp(day)
    await it.sql('TRUNCATE client')
    for (const day of [3, 4]) await it.backUp(day)
    const id = alarmOn(it.folder, 4)?.id

    const accepted = await it.run('--accept', it.spec)

    expect(accepted.code).toBe(0)
    expect(accepted.stdout).toMatch(
      /^accepted .*: public\.client is empty, of 20 rows; later backups are held against daily/,
    )
    expect(alarmOn(it.folder, 4)?.accepted).toMatchObject({ by: expect.stringMatching(/^uid \d+ on ./) })
    const lines = await readHistory(it.folder.volume)
    expect(lines.at(-1)).toMatchObject({ type: 'alarm-accepted', database: it.spec, alarm: id, table: null })
    expect((await it.run('--accept', it.spec)).stdout).toContain('no alarm stands; nothing was changed')
    const { stdout } = await it.backUp(5)
    expect(stdout).not.toContain('ALARM')
    expect(days(it.folder)).toEqual([4, 5])
  })

  test('FM212 a table that may be emptied is remembered, and another one is not', async () => {
    using it = await shop()
    await it.backUp(1)
    await it.sql('TRUNCATE client')
    await it.backUp(2)

    expect(await it.run('--accept', it.spec, '--table', 'public.clint')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean public.client?'),
    })
    expect(await it.run('--accept', it.spec, '--table', 'public.client')).toMatchObject({ code: 0 })

    await it.sql(`INSERT INTO client VALUES (1, 'one')`)
    await it.backUp(3)
    await it.sql('TRUNCATE client')
    expect((await it.backUp(4)).stdout).not.toContain('ALARM')
    await it.sql('DROP TABLE sale')
    expect((await it.backUp(5)).stdout).toContain('public.sale is gone, with 1 row')
  })

  test('FM212 one that is accepted while a backup runs stays accepted', async () => {
    using it = await shop()
    await it.backUp(1)
    await it.sql('TRUNCATE client')
    await it.backUp(2)
    const { entries } = await readCatalog(it.folder.volume, { timeZone: 'UTC' })

    await it.run('--accept', it.spec)

    const database = recordedDatabase({ host: '127.0.0.1', port: server.port, name: it.spec.split('/')[1] ?? '' })
    const found = await lastWithoutAlarm(entries, { database, now: new Date('2026-11-03T01:00:00Z') })
    expect(found).toMatchObject({ standing: null, content: { archive: entries[0]?.name } })
  })

  test('FM210 -l says that it needs you, why, and what to type', async () => {
    using it = await shop()
    await it.backUp(1)
    await it.sql('DROP TABLE client')
    await it.backUp(2)

    const listed = await it.run('-l', '--check')

    expect(listed.code).toBe(6)
    expect(listed.stdout).toMatch(/^1 of 1 needs you\.\n/)
    expect(listed.stdout).toMatch(/ ALARM for /)
    expect(listed.stdout).toContain('public.client is gone, with 20 rows; nothing from before it is removed until')
    expect(listed.stdout).toContain(`type: backup --changes ${it.spec}`)
  })

  test('FM213 dropped partitions, renamed tables and a first backup are none', async () => {
    using it = await shop()
    await it.sql('CREATE TABLE log (day integer, what text) PARTITION BY RANGE (day)')
    for (const day of [1, 2, 3, 4]) {
      await it.sql(`CREATE TABLE "log ${day}" PARTITION OF log FOR VALUES FROM (${day}) TO (${day + 1})`)
      await it.sql(`INSERT INTO log SELECT ${day}, 'x' FROM generate_series(1, 500)`)
    }
    expect((await it.backUp(1)).stdout).not.toContain('ALARM')
    await it.sql('DROP TABLE "log 1"')
    await it.sql('ALTER TABLE client RENAME TO customer')

    expect((await it.backUp(2)).stdout).not.toContain('ALARM')
    await it.sql('TRUNCATE log')
    expect((await it.backUp(3)).stdout).toContain('public.log is empty, of 1500 rows')
  })

  test('FM210 a line says that its database has no alarm, or of which tables', async () => {
    using it = await shop()
    await it.backUp(1)
    await it.sql('TRUNCATE client, sale')
    const line = `postgres=${it.spec}`
    writeFileSync(it.folder.conf, `${line}?alarm=off\n`)
    expect((await it.backUp(2)).stdout).not.toContain('ALARM')
    rmSync(join(it.folder.volume, 'daily/2026-11-02'), { recursive: true })

    writeFileSync(it.folder.conf, `${line}?alarm=except:public.client\n`)

    expect((await it.backUp(3)).stdout).toContain('public.sale is empty, of 1 row; against')
  })

  test('FM211 it goes on where the archive that it was held against is gone', async () => {
    using it = await shop()
    await it.backUp(1)
    await it.sql('TRUNCATE client')
    await it.backUp(2)
    rmSync(join(it.folder.volume, 'daily/2026-11-01'), { recursive: true })

    await it.backUp(3)

    expect(alarmOn(it.folder, 3)).toEqual(alarmOn(it.folder, 2))
  })
})
