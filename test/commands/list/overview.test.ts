import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ListOptions, listBackups } from '../../../src/commands/list/list.ts'
import type { FoundDatabases } from '../../../src/config/found-databases.ts'
import type { Problem } from '../../../src/config/problem.ts'
import { failureOf, OperatorError } from '../../../src/errors.ts'
import type { DatabaseOutcome, RunReport, Verdict, VerificationOutcome } from '../../../src/events.ts'
import { appendHistory } from '../../../src/status/edge/history.ts'
import { badBackup, goodBackup, verification } from '../../notifications/samples.ts'
import { commandContext } from '../../support/command-context.ts'
import { putArchive, putFile, temporaryVolume } from '../../support/volume.ts'

const never = new AbortController().signal
const FACTS = { runId: 'r', trigger: 'schedule', seconds: 9, exitCode: 1, interrupted: false, problems: [] } as const

interface Shown {
  readonly text: string
  readonly lines: readonly string[]
  readonly code: number
}

interface Given extends Partial<ListOptions> {
  readonly width?: number
  readonly problems?: readonly Problem[]
  readonly found?: FoundDatabases
}

/** Now is 2026-11-20 05:00 in the zone of the names. */
async function list(volume: string, stems: readonly string[], given: Given = {}): Promise<Shown> {
  const { width, problems = [], found, ...options } = given
  const { context, printed } = commandContext(volume, stems, problems, { isTerminal: width !== undefined })
  const screen = { ...context.screen, width: width ?? 80 }
  const configuration = { ...context.configuration, ...(found === undefined ? {} : { found }) }
  const code = await listBackups(
    { ...context, configuration, screen },
    {
      ...{ specs: [], filter: null, all: false, check: false, json: false },
      sizeOf: () => Promise.reject(new Error('asked')),
      ...options,
    },
    never,
  )
  const text = printed.join('\n')
  return { text, lines: text.split('\n'), code }
}

function at(day: number): string {
  return `2026-11-${String(day).padStart(2, '0')}T01:00:09-07:00`
}

async function ran(volume: string, day: number, outcomes: readonly DatabaseOutcome[]): Promise<void> {
  const report: RunReport = { ...FACTS, mode: 'backup', startedAt: at(day), finishedAt: at(day), outcomes }
  await appendHistory(volume, { type: 'run', schedule: null, report })
}

async function verified(volume: string, day: number, outcomes: readonly VerificationOutcome[]): Promise<void> {
  const report: RunReport = { ...FACTS, mode: 'verify', startedAt: at(day), finishedAt: at(day), outcomes }
  await appendHistory(volume, { type: 'run', schedule: null, report })
}

function put(volume: string, stem: string, day: number, verdict: Verdict | null = null): void {
  const date = at(day).slice(0, 10)
  const said =
    verdict === null ? [] : [{ at: at(day), from: 'volume' as const, verdict, durationSeconds: 1, reasons: [] }]
  putArchive(volume, `daily/${date}/${stem}_${date}_01-00-00.sql.gz`, {
    bytes: 243_000,
    manifest: { verifications: said },
  })
}

/** One of each state. */
async function everyState(volume: string): Promise<readonly string[]> {
  put(volume, 'wallet-db-tob', 20, 'proved')
  put(volume, 'wallet-db-tob', 19, 'proved')
  put(volume, 'forms-db-chefs', 17, 'proved')
  put(volume, 'audit-ledger', 8, 'could-not-verify')
  put(volume, 'maps-parcels', 20, 'failed')
  put(volume, 'maps-parcels', 19, 'proved')
  put(volume, 'gone-shop', 3)
  const message = 'forms-db/chefs: the server refused the password of reader; expected one that it accepts'
  const failed = badBackup('forms-db/chefs', { message, hint: 'check FORMS_DB_PASSWORD' })
  await ran(volume, 17, [goodBackup('forms-db/chefs')])
  for (const day of [18, 19, 20]) await ran(volume, day, [failed, goodBackup('wallet-db/tob')])
  await verified(volume, 20, [verification('wallet-db/tob', 'proved', { restoreSeconds: 185 })])
  return ['wallet-db-tob', 'forms-db-chefs', 'audit-ledger', 'maps-parcels', 'fresh-app']
}

describe('backup -l', () => {
  test('FM207 shows one line a database, first what needs a person, then why and what to type', async () => {
    const volume = temporaryVolume()
    const stems = await everyState(volume)

    const { lines } = await list(volume, stems, { width: 100 })

    expect(lines.slice(0, -4)).toEqual([
      '4 of 5 need you.',
      '',
      'SOURCE          STATE           LAST BACKUP         SIZE  PROOF                     RESTORE  KEPT',
      'fresh/app       never           none                      none                                  0',
      'forms-db/chefs  FAILED for 2 d  2026-11-17 01:00  243 kB  proved 3 d                            1',
      'audit/ledger    overdue 11 d    2026-11-08 01:00  243 kB  could not verify 12 d                 1',
      'maps/parcels    proof FAILED    2026-11-20 01:00  243 kB  FAILED 3 h                            2',
      'wallet-db/tob   on time         2026-11-20 01:00  243 kB  proved 3 h             3 min 05 s     2',
      'gone-shop       not listed      2026-11-03 01:00  243 kB  none                                  1',
      '',
      'fresh/app',
      '  there is no backup of it, and none was tried',
      '  type: backup -1 fresh/app',
      'forms-db/chefs',
      '  the last 3 backups failed, since 2026-11-18 01:00; the last whole one is of 2026-11-17 01:00:',
      '  forms-db/chefs: the server refused the password of reader; expected one that it accepts (SQLSTATE',
      '  28P01); check FORMS_DB_PASSWORD',
      '  type: backup -1 forms-db/chefs',
      'audit/ledger',
      '  no backup since 2026-11-08 01:00; one was due every 24 h (BACKUP_PERIOD)',
      '  type: backup -1 audit/ledger',
      'maps/parcels',
      '  the backup of 2026-11-20 01:00 FAILED its proof on 2026-11-20 01:00; the newest that is proved is',
      '  of 2026-11-19 01:00',
      '  type: backup -1 maps/parcels && backup -v maps/parcels',
    ])
    expect(lines.at(-3)).toMatch(/^\/.+: .+ of .+ used \(\d+ %\), .+ free; the archives take 1\.7 MB$/)
    expect(lines.at(-1)).toBe('backup -l SPEC shows the archives of one, backup -l --all those of all.')
  })

  test('FM207 fits 80 columns: the age instead of the date, and less beside it', async () => {
    const volume = temporaryVolume()
    const stems = await everyState(volume)

    const { lines } = await list(volume, stems, { width: 80 })

    expect(lines.slice(2, 9)).toEqual([
      'SOURCE          STATE            AGE    SIZE  PROOF                     RESTORE',
      'fresh/app       never           none          none',
      'forms-db/chefs  FAILED for 2 d   3 d  243 kB  proved 3 d',
      'audit/ledger    overdue 11 d    12 d  243 kB  could not verify 12 d',
      'maps/parcels    proof FAILED     4 h  243 kB  FAILED 3 h',
      'wallet-db/tob   on time          4 h  243 kB  proved 3 h             3 min 05 s',
      'gone-shop       not listed      17 d  243 kB  none',
    ])
    expect(lines.slice(0, -4).filter(line => line.length > 80)).toEqual([])
  })

  test.each([80, 100])('docs/how-to/listing.md shows these at %d columns, as they came out', async width => {
    const volume = temporaryVolume()
    const stems = await everyState(volume)
    const page = readFileSync(path.resolve(import.meta.dirname, '../../../docs/how-to/listing.md'), 'utf8')

    const { lines } = await list(volume, stems, { width })

    // How full the volume is depends on where it lies.
    const [shown] = page.split(`$ backup -l    # ${width} columns\n`).slice(1)
    const withoutVolume = (text: readonly string[]): readonly string[] => text.filter(line => !/^\/.* used/.test(line))
    expect(withoutVolume(shown?.split('\n```')[0]?.split('\n') ?? [])).toEqual(withoutVolume(lines))
  })

  test('FM208 two hundred names stay apart however narrow the terminal is', async () => {
    const volume = temporaryVolume()
    const long = 'the_department_of_long_names_and_longer_services'
    const stems = Array.from({ length: 200 }, (_, index) => `${long}-application_${index}_of_the_same_department`)

    const { lines } = await list(volume, stems, { width: 80 })

    const rows = lines.slice(3, 203)
    expect(new Set(rows).size).toBe(200)
    expect(rows.filter(row => row.length > 80)).toEqual([])
    expect(lines).toContain('… and 190 more, which --json has')
  })

  test('says in one sentence that all is well', async () => {
    const volume = temporaryVolume()
    put(volume, 'db-app', 20, 'proved')
    put(volume, 'db-web', 20)

    expect((await list(volume, ['db-app', 'db-web'])).lines[0]).toBe('All 2 are on time.')
    expect((await list(volume, ['db-app'])).lines[0]).toBe('It is on time.')
  })

  test('a failure before the last backup, an interruption and a lock are no failure that lasts', async () => {
    const volume = temporaryVolume()
    put(volume, 'db-app', 20)
    await ran(volume, 19, [badBackup('db/app')])
    await ran(volume, 20, [badBackup('db/app', { kind: 'interrupted' })])
    await ran(volume, 20, [badBackup('db/app', { kind: 'locked' })])

    expect((await list(volume, ['db-app'])).lines[0]).toBe('It is on time.')
  })

  test('with --check it ends with 6 where a person is needed, and with 0 where none is', async () => {
    const volume = temporaryVolume()
    put(volume, 'db-app', 20)
    const problem: Problem = { severity: 'problem', place: 'backup.conf:3', text: 'no database' }

    expect((await list(volume, ['db-app'], { check: true })).code).toBe(0)
    expect((await list(volume, ['db-app', 'db-new'])).code).toBe(0)
    expect((await list(volume, ['db-app', 'db-new'], { check: true })).code).toBe(6)
    const broken = await list(volume, ['db-app'], { check: true, problems: [problem] })
    expect(broken.code).toBe(6)
    expect(broken.lines[0]).toBe('The configuration has a problem: backup -c shows it. It is on time.')
  })

  test('FM217 a server whose databases cannot be listed is no server without any', async () => {
    const volume = temporaryVolume()
    put(volume, 'db-app', 20)
    const failure = failureOf(new OperatorError('connection', 'db/*: its databases cannot be listed: no route'))
    const found = { servers: [], notTaken: [{ database: 'db/*', failure }] }

    const { text, code } = await list(volume, ['db-app'], { check: true, found })

    expect(code).toBe(6)
    expect(text).toContain('warning    db/*: its databases cannot be listed: no route')
  })

  test('does not wait for any database, and names what is not finished', async () => {
    const volume = temporaryVolume()
    put(volume, 'db-app', 20)
    putFile(volume, 'daily/2026-11-20/db-app_2026-11-20_02-00-00.sql.gz.in_progress')

    const { text } = await list(volume, ['db-app'])

    expect(text).toContain('One file is being written, or left by a run that died: backup -l --all')
  })

  test('a name with control characters forges no line', async () => {
    const volume = temporaryVolume()

    const { text } = await list(volume, ['db-app\n\u001b[2Jon time'], { width: 80 })

    expect(text).not.toContain('\u001b')
    expect(text).toContain(String.raw`db/app\n\x1b[2Jon time`)
  })

  test('a history that cannot be read leaves the rest, and says what is not shown', async () => {
    const volume = temporaryVolume()
    put(volume, 'db-app', 20)
    mkdirSync(`${volume}/.backup/runs.jsonl`, { recursive: true })

    const { text } = await list(volume, ['db-app'])

    expect(text).toContain('warning    runs that failed, and what restores have kept, are not shown: ')
    expect(text).toContain('on time')
  })
})

describe('backup -l SPEC', () => {
  test('FM209 shows how it stands, and its archives, and of no other', async () => {
    const volume = temporaryVolume()
    const stems = await everyState(volume)

    const { lines } = await list(volume, stems, { specs: ['parcels'] })

    expect(lines[0]).toBe('1 of 1 needs you.')
    expect(lines.slice(-3)).toEqual([
      '  TIER   TAKEN                  SIZE  VERIFIED              FILE',
      '  daily  2026-11-20 01:00:00  243 kB  FAILED on 2026-11-20  daily/2026-11-20/maps-parcels_2026-11-20_01-00-00.sql.gz',
      '  daily  2026-11-19 01:00:00  243 kB  proved on 2026-11-19  daily/2026-11-19/maps-parcels_2026-11-19_01-00-00.sql.gz',
    ])
  })

  test('FM209 takes one of which only the volume knows', async () => {
    const volume = temporaryVolume()
    const stems = await everyState(volume)

    const { lines } = await list(volume, stems, { specs: ['gone/shop'], check: true })

    expect(lines.slice(0, 4)).toEqual([
      'It is not listed: nothing backs it up any more, and its archives stay.',
      '',
      'SOURCE     STATE       LAST BACKUP         SIZE  PROOF  RESTORE  KEPT',
      'gone/shop  not listed  2026-11-03 01:00  243 kB  none               1',
    ])
  })

  test('one that means nothing, or several, is a mistake', async () => {
    const volume = temporaryVolume()
    const stems = await everyState(volume)

    await expect(list(volume, stems, { specs: ['nowhere/none'] })).rejects.toMatchObject({ kind: 'usage' })
    await expect(list(volume, [...stems, 'other-tob'], { specs: ['tob'] })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('this may mean wallet-db/tob, or other/tob'),
    })
  })

  test('FM131 a filter narrows its archives, and its state stays that of all', async () => {
    const volume = temporaryVolume()
    put(volume, 'db-app', 20)
    put(volume, 'db-app', 10)

    const { text } = await list(volume, ['db-app'], { filter: '2026-11-10', json: true, sizeOf: async () => 1 })

    expect(JSON.parse(text)).toMatchObject({
      databases: [{ state: 'on-time', need: null, archives: [{ path: expect.stringContaining('2026-11-10') }] }],
    })
  })
})

describe('backup -l --json', () => {
  test('has all of it, by a schema', async () => {
    const volume = temporaryVolume()
    const stems = await everyState(volume)

    const { text } = await list(volume, stems, { json: true })

    const listing = JSON.parse(text)
    expect(listing).toMatchObject({
      schemaVersion: 1,
      configurationProblems: 0,
      databases: [
        { database: 'wallet-db/tob', state: 'on-time', since: null, need: null, restoreSeconds: 185 },
        {
          ...{
            database: 'forms-db/chefs',
            state: 'failed',
            since: '2026-11-18T08:00:09.000Z',
            allowedAgeSeconds: 129_600,
          },
          need: { reason: expect.stringContaining('the last 3 backups failed'), command: 'backup -1 forms-db/chefs' },
        },
        { state: 'overdue', since: '2026-11-09T08:00:00.000Z' },
        { state: 'proof-failed', archives: [{}, {}] },
        { state: 'never', last: null },
      ],
      orphans: [{ stem: 'gone-shop', last: { bytes: 243_000 } }],
    })
  })
})
