import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../src/events.ts'
import { noticesOf, type Tellable } from '../../src/notifications/decide-notices.ts'
import { backupRun, badBackup, goodBackup, verification, verifyRun } from './samples.ts'

const AT = '2026-11-20T01:00:12-07:00'
const GOOD = backupRun([goodBackup('a/b')])
const BAD = backupRun([goodBackup('a/c'), badBackup('a/b')])

type Setting = 'all' | 'changes' | 'failures'

function noticesOfRun(
  report: RunReport,
  history: readonly RunReport[] = [],
  notifyOn: Setting = 'all',
): readonly string[] {
  return brief({ type: 'run-finished', report, history }, notifyOn)
}

function brief(occurrence: Tellable, notifyOn: Setting = 'all'): readonly string[] {
  return noticesOf(occurrence, { notifyOn, at: AT }).map(notice => {
    if (notice.kind === 'alert') return `alert ${notice.action} ${notice.subject}`
    return notice.kind === 'ping' ? `ping ${notice.state}` : `message ${notice.message.level}`
  })
}

const isPosted = (report: RunReport, history: readonly RunReport[], notifyOn: Setting): boolean =>
  noticesOfRun(report, history, notifyOn).some(notice => notice.startsWith('message'))

describe('a run', () => {
  test('that went well is told, resolves, and pings the switch', () => {
    expect(noticesOfRun(GOOD)).toEqual(['message INFO', 'alert resolve backup', 'ping success'])
  })

  test('that failed is told, triggers, and pings the switch', () => {
    expect(noticesOfRun(BAD)).toEqual(['message ERROR', 'alert trigger backup', 'ping fail'])
  })

  test('of verifications never pings the switch, which would hide that backups have stopped', () => {
    expect(noticesOfRun(verifyRun([verification('a/b', 'proved')]))).toEqual(['message INFO', 'alert resolve verify'])
    expect(noticesOfRun(verifyRun([verification('a/b', 'failed')]))).toEqual(['message ERROR', 'alert trigger verify'])
    expect(noticesOfRun(verifyRun([verification('a/b', 'could-not-verify')]))).toEqual([
      'message WARN',
      'alert trigger verify',
    ])
  })

  test('with configuration problems is no success, although every backup was one', () => {
    const report = backupRun([goodBackup('a/b')], { exitCode: 10, problems: ['backup.conf:3: no line'] })

    expect(noticesOfRun(report)).toEqual(['message WARN', 'alert trigger backup', 'ping fail'])
  })

  test('FM134 of some databases only resolves nothing and feeds no switch, and triggers what it should', () => {
    const good = backupRun([goodBackup('a/b')], { only: ['a/b'] })
    const bad = backupRun([badBackup('a/b')], { only: ['a/b'] })

    expect(noticesOfRun(good)).toEqual(['message INFO'])
    expect(noticesOfRun(bad)).toEqual(['message ERROR', 'alert trigger backup'])
  })

  test('FM256 from which hooks have left something out resolves nothing; one of nothing at all is told to nobody', () => {
    const some = backupRun([goodBackup('a/b')], { skipped: ['c/d'] })
    const bad = backupRun([badBackup('a/b')], { skipped: ['c/d'] })
    const nothing = backupRun([], { skipped: ['a/b', 'c/d'], exitCode: 0 })

    expect(noticesOfRun(some)).toEqual(['message INFO', 'ping success'])
    expect(noticesOfRun(bad)).toEqual(['message ERROR', 'alert trigger backup', 'ping fail'])
    expect(noticesOfRun(nothing)).toEqual([])
  })

  test('that was interrupted or locked neither triggers nor resolves', () => {
    const interrupted = backupRun([goodBackup('a/b')], { exitCode: 143, interrupted: true })
    const locked = backupRun([badBackup('a/b', { kind: 'locked' })], { exitCode: 11 })

    expect(noticesOfRun(interrupted)).toEqual(['message WARN', 'ping fail'])
    expect(noticesOfRun(locked)).toEqual(['message WARN', 'ping fail'])
  })

  test('of backups that begins starts the switch', () => {
    const start = { type: 'run-started', runId: 'r', history: [] } as const

    expect(brief({ ...start, mode: 'backup' })).toEqual(['ping start'])
    expect(brief({ ...start, mode: 'verify' })).toEqual([])
  })

  test('of pruning that removed nothing is not worth a word', () => {
    const { outcomes: _, ...facts } = GOOD
    const prune = { ...facts, mode: 'prune', failure: null } as const

    expect(noticesOfRun({ ...prune, removed: [] })).toEqual([])
    expect(noticesOfRun({ ...prune, removed: ['daily/x'] })).toEqual(['message INFO'])
  })
})

describe('NOTIFY_ON', () => {
  test.each([
    ['the same as before', GOOD, [GOOD], { all: true, changes: false, failures: false }],
    ['the first run', GOOD, [], { all: true, changes: true, failures: false }],
    ['a failure', BAD, [GOOD], { all: true, changes: true, failures: true }],
    [
      'the same failure again',
      BAD,
      [backupRun([goodBackup('a/c'), badBackup('a/b')])],
      { all: true, changes: false, failures: true },
    ],
    ['the end of a failure', GOOD, [BAD], { all: true, changes: true, failures: true }],
    ['an archive that shrank', backupRun([goodBackup('a/b', 9)]), [GOOD], { all: true, changes: true, failures: true }],
    ['a new problem', { ...GOOD, problems: ['x'] }, [GOOD], { all: true, changes: true, failures: true }],
    [
      'an old problem',
      { ...GOOD, problems: ['x'] },
      [{ ...GOOD, problems: ['x'] }],
      { all: true, changes: false, failures: true },
    ],
    ['the end of a problem', GOOD, [{ ...GOOD, problems: ['x'] }], { all: true, changes: true, failures: false }],
  ] as const)('%s', (_, report, history, expected) => {
    const posted = {
      all: isPosted(report, history, 'all'),
      changes: isPosted(report, history, 'changes'),
      failures: isPosted(report, history, 'failures'),
    }

    expect(posted).toEqual(expected)
  })

  test('never thins out alerts and pings', () => {
    expect(noticesOfRun(GOOD, [GOOD], 'failures')).toEqual(['alert resolve backup', 'ping success'])
  })

  test.each(['all', 'changes', 'failures'] as const)(
    '%s tells a missed run, low space and a refused configuration',
    on => {
      const missed = { type: 'missed-run', expectedAt: AT, command: 'backup -s', runsNow: false } as const
      const space = { type: 'low-space', freeBytes: 1, totalBytes: 2, neededBytes: null } as const
      const refused = { type: 'configuration-refused', problems: ['x'] } as const

      expect([missed, space, refused].flatMap(each => brief(each, on))).toEqual([
        'message WARN',
        'message WARN',
        'message ERROR',
      ])
    },
  )

  test('tells a start and a changed configuration to those who want to know', () => {
    const started = { type: 'service-started', databases: 3, nextRun: null, problems: [] } as const
    const changed = { type: 'configuration-changed', databases: 3, schedules: 1, problems: [] } as const

    expect((['all', 'changes', 'failures'] as const).map(on => brief(started, on).length)).toEqual([1, 0, 0])
    expect((['all', 'changes', 'failures'] as const).map(on => brief(changed, on).length)).toEqual([1, 1, 0])
  })
})

test('a test reaches everybody and leaves nothing open', () => {
  expect(brief({ type: 'test' }, 'failures')).toEqual([
    'message INFO',
    'alert trigger test',
    'alert resolve test',
    'ping log',
  ])
})
