import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ChangesOptions, changes } from '../../../src/commands/changes/changes.ts'
import type { ChangesReport } from '../../../src/commands/changes/changes-report.ts'
import { databaseId } from '../../../src/config/source-id.ts'
import { commandContext } from '../../support/command-context.ts'
import { operatorError } from '../../support/failure.ts'
import { manifestOf, putArchive, temporaryVolume } from '../../support/volume.ts'

const never = new AbortController().signal
const OPTIONS: ChangesOptions = { spec: 'db/app', table: null, filter: null, live: false, json: false }

/** Tables with their rows; a digest of its own for each number, unless another one stands behind it. */
type Tables = Readonly<Record<string, number | readonly [rows: number, digest: string]>>

function fingerprintOf(tables: Tables) {
  return {
    ...manifestOf('db-app_2026-11-20_01-00-00.sql.gz').fingerprint,
    tables: Object.entries(tables).map(([name, what]) => {
      const [rows, digest] = typeof what === 'number' ? [what, `${what}`] : what
      return { name, columns: ['id', 'name'], rows, sha256: digest }
    }),
  }
}

function pathOf(day: number): string {
  const date = `2026-11-${String(day).padStart(2, '0')}`
  return `daily/${date}/db-app_${date}_01-00-00.sql.gz`
}

/** A volume with an archive a day, the first on 1 November. */
function volumeWith(...days: readonly Tables[]): string {
  const volume = temporaryVolume()
  for (const [index, tables] of days.entries()) {
    putArchive(volume, pathOf(index + 1), { manifest: { fingerprint: fingerprintOf(tables) } })
  }
  return volume
}

async function printed(volume: string, given: Partial<ChangesOptions> = {}): Promise<string> {
  const { context, printed: lines } = commandContext(volume, ['db-app'])
  expect(await changes(context, { ...OPTIONS, ...given }, never)).toBe(0)
  return lines.join('\n')
}

async function reported(volume: string, given: Partial<ChangesOptions> = {}): Promise<ChangesReport> {
  return JSON.parse(await printed(volume, { ...given, json: true })) as ChangesReport
}

const HISTORY = [
  { 'public.client': 20, 'public.sale': 100, 'public.queue': 7, 'public.old': 5 },
  { 'public.client': 21, 'public.sale': 100, 'public.queue': 0, 'public.new': 5 },
  { 'public.client': 0, 'public.sale': 95, 'public.queue': 9, 'public.new': 5 },
  { 'public.client': 1, 'public.sale': 60, 'public.queue': 9, 'public.new': 6, 'public.other': 1 },
]

describe('backup --changes', () => {
  test('FM181 shows archive after archive, and since when a table is not what it was', async () => {
    const text = await printed(volumeWith(...HISTORY))

    expect(text.split('\n').slice(0, 12)).toEqual([
      'db/app',
      '',
      '  TAKEN                ROWS  TABLES  CHANGED',
      '  2026-11-01 01:00:00   132       4        -',
      '  2026-11-02 01:00:00   126       4        3',
      '    public.new was public.old before',
      '    public.queue was emptied of 7 rows',
      '  2026-11-03 01:00:00   109       4        3',
      '    public.client was emptied of 21 rows',
      '  2026-11-04 01:00:00    77       5        4',
      '    public.other came, with 1 row',
      '    public.sale shrank from 95 to 60 rows',
    ])
    expect(readFileSync('docs/how-to/what-changed.md', 'utf8')).toContain(`$ backup --changes db/app\n${text}\n`)
  })

  test('FM181 a table that has its rows again, was renamed, or lost a tenth at most, is what it was', async () => {
    const volume = volumeWith(
      { a: 100, b: 100, c: 100, d: 100, 'old name': 101, never: 0 },
      { a: 0, b: 90, c: 100, 'old name': 101, never: 0 },
      { a: 95, b: 90, d: [100, 'others'], 'new name': 101, x: [100, 'like c'], y: [100, 'like c'] },
    )

    const { lost, archives } = await reported(volume)

    expect(lost.map(({ table, state, since }) => [table, state, since.archive])).toEqual([['c', 'gone', pathOf(3)]])
    expect(archives[2]?.changes.map(({ kind, table, from }) => [kind, table, from])).toEqual([
      ['changed', 'a', null],
      ['gone', 'c', null],
      ['came', 'd', null],
      ['gone', 'never', null],
      ['renamed', 'new name', 'old name'],
      ['came', 'x', null],
      ['came', 'y', null],
    ])
  })

  test('FM181 what was lost stays lost under another name, and in steps from where it was whole', async () => {
    const { lost } = await reported(volumeWith({ a: 100 }, { a: 70 }, { b: [70, '70'] }, { b: 30 }, {}))

    expect(lost).toMatchObject([
      {
        table: 'b',
        state: 'gone',
        rows: null,
        before: 100,
        since: { archive: pathOf(2) },
        wholeIn: { archive: pathOf(1) },
      },
    ])
  })

  test('FM181 small steps make a large loss, since it was more than a tenth', async () => {
    const volume = volumeWith({ a: 910 }, { a: 828 }, { a: 753 }, { a: 685 }, { a: 623 }, { a: 566 })

    const { lost } = await reported(volume)

    expect(lost).toMatchObject([{ table: 'a', rows: 566, before: 828, wholeIn: { archive: pathOf(2) } }])
    expect(await printed(volumeWith({ a: 100 }, { a: 95 }, { a: 90 }))).toContain(
      'No table has more than a tenth fewer rows in the newest of these archives than in any other.',
    )
  })

  test('each command names a database that nothing known has, one for each archive', async () => {
    const volume = volumeWith({ a: 5, b: 5 }, { a: 0, b: 5 }, { a: 0, b: 0 })
    const other = 'app_20261101_010000'
    const database = { ...manifestOf('db-app_2026-11-20_01-00-00.sql.gz').database, host: 'db', name: other }
    putArchive(volume, pathOf(3).replace('db-app', `db-${other}`), { manifest: { database } })

    const { lost } = await reported(volume)

    expect(lost.map(({ command }) => command.split(' ')[2]).toSorted()).toEqual([
      'db/app_20261101_010000_2',
      'db/app_20261102_010000',
    ])
  })

  test('FM181 where two tables may be the one that is gone, nobody says that it was renamed', async () => {
    const { archives, lost } = await reported(volumeWith({ a: 5 }, { b: [5, '5'], c: [5, '5'] }))

    expect(archives[1]?.changes.map(({ kind, table }) => `${kind} ${table}`)).toEqual(['gone a', 'came b', 'came c'])
    expect(lost.map(({ table }) => table)).toEqual(['a'])
  })

  test('shows one table through time, by the end of its name too', async () => {
    const volume = volumeWith(...HISTORY, HISTORY[3] ?? {})

    const text = await printed(volume, { table: 'client' })

    expect(text).toMatch(/^db\/app, table public.client$/m)
    expect(readFileSync('docs/how-to/what-changed.md', 'utf8')).toContain(
      `$ backup --changes db/app --table client\n${text}\n`,
    )
    const { line } = await reported(volume, { table: 'public.old' })
    expect(line?.points.map(({ change, otherName, rows }) => [change, otherName, rows])).toEqual([
      ['first', null, 5],
      ['renamed', 'public.new', null],
      ['absent', null, null],
      ['absent', null, null],
      ['absent', null, null],
    ])
  })

  test('a table that no archive has, or that may be two, is wrong usage with the names that are like it', async () => {
    const volume = volumeWith({ 'public.client': 1, 'sales.client': 1 })
    const { context } = commandContext(volume, ['db-app'])
    const asked = (table: string) => operatorError(changes(context, { ...OPTIONS, table }, never))

    expect(await asked('cliemt')).toMatchObject({ kind: 'usage', hint: 'did you mean public.client or sales.client?' })
    expect((await asked('client')).message).toContain('this may mean public.client, sales.client')
    expect(await printed(volume, { table: 'sales.client' })).toContain('table sales.client')
  })

  test('leaves out what says nothing of its tables, or nothing that can be believed, and says so', async () => {
    const volume = volumeWith({ a: 1 })
    putArchive(volume, pathOf(2), { manifest: false })
    putArchive(volume, pathOf(3), { manifest: '{' })
    putArchive(volume, pathOf(29))
    const { fingerprint } = manifestOf('db-app_2026-11-20_01-00-00.sql.gz')
    const twice = { ...fingerprint, tables: [...fingerprint.tables, ...fingerprint.tables] }
    putArchive(volume, pathOf(4), { manifest: { fingerprint: twice } })

    const { archives, leftOut } = await reported(volume)

    expect(archives.map(({ archive }) => archive)).toEqual([pathOf(1)])
    expect(leftOut).toEqual([
      { archive: pathOf(2), reason: 'no manifest, which counts its tables' },
      { archive: pathOf(3), reason: expect.stringContaining('its manifest cannot be used: ') },
      { archive: pathOf(4), reason: 'its manifest counts a table twice' },
      { archive: pathOf(29), reason: 'dated in the future' },
    ])
  })

  test('of a database that nobody knows, or that has no archive with a manifest, is wrong usage', async () => {
    const volume = temporaryVolume()
    putArchive(volume, pathOf(2), { manifest: false })
    const { context } = commandContext(volume, ['db-app', 'db-empty'])
    const asked = (spec: string) => operatorError(changes(context, { ...OPTIONS, spec }, never))

    expect(await asked('db/apq')).toMatchObject({
      kind: 'usage',
      hint: expect.stringContaining('did you mean db/app?'),
    })
    expect((await asked('db/empty')).message).toContain('no archive of it on the volume')
    expect((await asked('db/app')).message).toContain(`(${pathOf(2)}: no manifest`)
  })

  test('the command names a database that PostgreSQL can make, in words that a shell takes', async () => {
    const volume = temporaryVolume()
    const name = `a$&${'n'.repeat(58)}`
    const database = { ...manifestOf('db-app_2026-11-20_01-00-00.sql.gz').database, host: 'db', name }
    for (const [index, rows] of [5, 0].entries()) {
      const path = pathOf(index + 1).replace('db-app', databaseId({ host: 'db', port: 5432, database: name }).stem)
      putArchive(volume, path, { manifest: { database, fingerprint: fingerprintOf({ t: rows }) } })
    }

    const { lost } = await reported(volume, { spec: `db/${name}` })

    expect(lost[0]?.command).toContain(`backup -r db/restored_20261101_010000 --of 'db/${name}' -f `)
  })
})
