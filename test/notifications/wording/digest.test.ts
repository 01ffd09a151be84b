import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../../src/events.ts'
import { chatText } from '../../../src/notifications/chat.ts'
import { newsOfResult, newsOfRun } from '../../../src/notifications/database-news.ts'
import type { CopyState } from '../../../src/notifications/occurrence.ts'
import { digest } from '../../../src/notifications/wording/digest.ts'
import { serviceMessage } from '../../../src/notifications/wording/service-messages.ts'
import { urgentMessage } from '../../../src/notifications/wording/urgent-message.ts'
import { backupRun, badBackup, goodBackup, verification, verifyRun } from '../samples.ts'

function textOf(
  report: RunReport,
  history: readonly RunReport[] = [],
  copies: Readonly<Record<string, readonly CopyState[]>> = {},
): string {
  return chatText(digest({ report, news: newsOfRun(report, history), copies }))
}

describe('the digest of a backup run', () => {
  test('has a line for each database: result, size, change, time', () => {
    const history = [backupRun([goodBackup('wallet-db/app'), goodBackup('wallet-db/tob')])]

    expect(textOf(backupRun([goodBackup('wallet-db/tob'), goodBackup('wallet-db/app')]), history)).toBe(
      [
        'Backup: all 2 databases backed up',
        '- `wallet-db/tob` 279 MB (+1.5 %) in 9.1 s',
        '- `wallet-db/app` 279 MB (+1.5 %) in 9.1 s',
        '12 s, run 20261120T080000Z-abc123',
      ].join('\n'),
    )
  })

  test('FM144 ends with what restores have kept, the oldest first, and not all of many', () => {
    const kept = Array.from({ length: 7 }, (_, day) => ({
      name: `tob_before_2026111${day}_010000`,
      bytes: day === 0 ? null : 7_000_000,
      since: `2026-11-1${day}T01:00:00-07:00`,
      dropWith: `DROP DATABASE "tob_before_2026111${day}_010000";`,
    }))
    const outcome = { ...goodBackup('wallet-db/tob'), keptByRestores: kept.toReversed() }

    const lines = textOf(backupRun([outcome]), [backupRun([goodBackup('wallet-db/tob')])]).split('\n')

    expect(lines.slice(2, 4)).toEqual([
      'kept by a restore of `wallet-db/tob`, of unknown size, 10 d old; to drop it: `DROP DATABASE "tob_before_20261110_010000";`',
      'kept by a restore of `wallet-db/tob`, 7.0 MB, 9 d old; to drop it: `DROP DATABASE "tob_before_20261111_010000";`',
    ])
    expect(lines.slice(7, -1)).toEqual(['and 2 more, see backup -l'])
  })

  test('FM54 FM55 says why something failed and what to do, before all that went well', () => {
    const report = backupRun([goodBackup('wallet-db/app'), badBackup('wallet-db/tob')])

    expect(textOf(report, [backupRun([goodBackup('wallet-db/app'), goodBackup('wallet-db/tob')])])).toBe(
      [
        'Backup: 1 of 2 backed up, 1 FAILED',
        '- `wallet-db/tob` FAILED after 1.2 s: `the server refused the password of reader; expected one that it accepts (SQLSTATE 28P01)`',
        '  what to do: `check WALLET_DB_PASSWORD`',
        '- `wallet-db/app` 279 MB (+1.5 %) in 9.1 s',
        '12 s, run 20261120T080000Z-abc123',
      ].join('\n'),
    )
  })

  test('says what is new: a first backup, a recovery, a failure that goes on, an archive that shrank', () => {
    const history = [
      backupRun([badBackup('a/back'), badBackup('a/still'), goodBackup('a/small', 279_000_000), goodBackup('a/same')]),
    ]
    const outcomes = [
      goodBackup('a/new'),
      goodBackup('a/back'),
      badBackup('a/still'),
      goodBackup('a/small', 100_000_000),
      goodBackup('a/same'),
    ]

    const text = textOf(backupRun(outcomes), history)

    expect(text).toContain('`a/new` 279 MB (+1.5 %) in 9.1 s, first backup\n')
    expect(text).toContain('`a/back` 279 MB (+1.5 %) in 9.1 s, works again\n')
    expect(text).toContain('`a/still` FAILED after 1.2 s, as before: ')
    expect(text).toContain('`a/small` 100 MB (-64 %) in 9.1 s, LESS THAN HALF of the usual 279 MB\n')
    expect(text).toContain('`a/same` 279 MB (+1.5 %) in 9.1 s\n')
    const order = [...text.matchAll(/`a\/(\w+)`/g)].map(match => match[1])
    expect(order).toEqual(['still', 'small', 'new', 'back', 'same'])
  })

  test('says where copies are', () => {
    const copies = {
      'a/b': [
        { destination: 'ftp', state: 'done' },
        { destination: 's3', state: 'failed' },
      ],
    } as const

    expect(textOf(backupRun([goodBackup('a/b')]), [backupRun([goodBackup('a/b')])], copies)).toContain(
      '`a/b` 279 MB (+1.5 %) in 9.1 s, copied to ftp, NOT COPIED to s3\n',
    )
  })

  test('holds warnings, failed pruning and configuration problems', () => {
    const outcome = {
      ...goodBackup('a/b'),
      warnings: ['pg_dump 17 is newer than the server', '2', '3', '4', '5', '6', '7'],
      pruneFailure: {
        kind: 'volume',
        message: '/backups/daily: the file system is read-only',
        hint: null,
        sqlstate: null,
        object: null,
      },
    } as const

    const text = textOf(backupRun([outcome], { exitCode: 10, problems: ['backup.conf:3: "x`y" is no database'] }))

    expect(text).toContain('  NOT PRUNED: `/backups/daily: the file system is read-only`\n')
    expect(text).toContain('  warning: `pg_dump 17 is newer than the server`\n')
    expect(text).toContain('  and 2 more, in the log\n')
    expect(text).toContain('configuration: `backup.conf:3: "xˋy" is no database`\n')
  })

  test('of a run that was interrupted, or had nothing to do, says so', () => {
    expect(textOf(backupRun([goodBackup('a/b')], { interrupted: true }))).toMatch(
      /^Backup \(interrupted\): 1 database backed up\n/,
    )
    expect(textOf(backupRun([], { exitCode: 10 }))).toMatch(/^Backup: there is no database to work on\n/)
  })

  test('of fifty databases fits into one message, with the failures and the end in it', () => {
    const names = Array.from(
      { length: 50 },
      (_, index) => `a-database-server-with-a-long-name/database_number_${index}`,
    )
    const outcomes = names.map((name, index) => (index % 10 === 7 ? badBackup(name) : goodBackup(name)))

    const text = textOf(backupRun(outcomes))

    expect(text.length).toBeLessThanOrEqual(5000)
    expect(text.match(/FAILED after/g)).toHaveLength(5)
    expect(text).toMatch(/run 20261120T080000Z-abc123$/)
  })
})

describe('the digest of a verify run', () => {
  test('gives verdict, facts and reasons', () => {
    const reason = {
      kind: 'TABLE',
      name: 'shop.customer',
      sqlstate: null,
      text: '19999 rows came back; expected 20000',
    }
    const missing = { kind: 'extension', name: 'citext', sqlstate: '0A000', text: 'it is not installed' }
    const report = verifyRun([
      verification('a/good', 'proved', { notes: ['without: subscriptions'] }),
      verification('a/odd', 'could-not-verify', { reasons: [missing], from: 'ftp' }),
      verification('a/bad', 'failed', { reasons: [reason] }),
    ])

    expect(textOf(report)).toBe(
      [
        'Verification: 1 of 3 proved, 1 FAILED, 1 could not be verified',
        '- `a/bad` FAILED after 31 s, taken 2026-11-20T01:00:00-07:00: is what was dumped: yes, loads: yes, comes back as it was: NO',
        '  `TABLE shop.customer: 19999 rows came back; expected 20000`',
        '- `a/odd` could not be verified from ftp after 31 s, taken 2026-11-20T01:00:00-07:00: is what was dumped: yes, loads: yes, comes back as it was: not known',
        '  `extension citext: it is not installed (SQLSTATE 0A000)`',
        '- `a/good` proved: 12 tables, 20000 rows, in 31 s, taken 2026-11-20T01:00:00-07:00',
        '  note: `without: subscriptions`',
        '12 s, run 20261120T080000Z-abc123',
      ].join('\n'),
    )
  })
})

test('a restore and a pruning are told with what came of them', () => {
  const { outcomes: _, ...facts } = backupRun([])
  const failure = { kind: 'server', message: 'it broke', hint: 'mend it', sqlstate: '42P01', object: null } as const

  const restore = textOf({ ...facts, mode: 'restore', database: 'a/b', archive: 'daily/x.sql.gz', failure: null })
  const failed = textOf({ ...facts, mode: 'restore', database: 'a/b', archive: 'daily/x.sql.gz', failure })
  const prune = textOf({ ...facts, mode: 'prune', removed: ['daily/x.sql.gz'], failure: null })

  expect(restore).toBe('Restore of `a/b`: done\nfrom `daily/x.sql.gz`\n12 s, run 20261120T080000Z-abc123')
  expect(failed).toContain(
    'Restore of `a/b`: FAILED\nfrom `daily/x.sql.gz`\n`it broke (SQLSTATE 42P01)`\nwhat to do: `mend it`\n',
  )
  expect(prune).toContain('Pruning: 1 removed\n- `daily/x.sql.gz`\n')
})

test('FM135 a restore that went past errors is a warning, and not done', () => {
  const { outcomes: _, ...facts } = backupRun([])
  const report = { ...facts, exitCode: 3, mode: 'restore', database: 'a/b', archive: 'daily/x', failure: null } as const

  expect(textOf(report)).toContain('Restore of `a/b`: done in part, as errors were ignored (-I)\n')
  expect(digest({ report, news: [], copies: {} }).level).toBe('WARN')
})

test('an urgent result is named in the title, several are counted', () => {
  const nothing = { backup: null, verdict: null, usualBytes: null }
  const bad = { mode: 'backup', outcome: badBackup('a/b') } as const
  const good = { mode: 'backup', outcome: goodBackup('a/c') } as const
  const failure = { result: bad, news: newsOfResult(bad, nothing) }
  const recovery = { result: good, news: newsOfResult(good, { ...nothing, backup: 'failed' }) }

  expect(chatText(urgentMessage([failure]))).toMatch(/^Backup of `a\/b` FAILED\n- `a\/b` FAILED after 1.2 s: /)
  expect(chatText(urgentMessage([recovery]))).toMatch(
    /^Backup of `a\/c` works again\n- `a\/c` 279 MB .*, works again\n/,
  )
  expect(chatText(urgentMessage([failure, failure, recovery]))).toMatch(/^2 databases failed, 1 works again\n/)
})

test('FM53 the command of a missed run cannot break its message', () => {
  const message = serviceMessage({
    type: 'missed-run',
    expectedAt: '2026-11-20T01:00:00-07:00',
    command: 'backup -f `@all`',
    runsNow: true,
  })

  expect(chatText(message)).toBe(
    'A run was missed: it was due at 2026-11-20T01:00:00-07:00, when this container was down\ncommand: `backup -f ˋ@\u200Ballˋ`\nit runs now',
  )
})
