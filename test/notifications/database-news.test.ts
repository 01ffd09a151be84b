import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newsOfRun } from '../../src/notifications/database-news.ts'
import { pastResultsIn } from '../../src/notifications/past-results.ts'
import { backupRun, badBackup, goodBackup, verification, verifyRun } from './samples.ts'

const LOCKED = badBackup('a/b', { kind: 'locked' })

describe('a backup beside the one before', () => {
  test.each([
    ['the first one', [], goodBackup('a/b'), 'INFO', 'first'],
    ['another good one', [backupRun([goodBackup('a/b')])], goodBackup('a/b'), 'INFO', 'none'],
    ['a failure from the start', [], badBackup('a/b'), 'ERROR', 'failure'],
    ['a failure after a good one', [backupRun([goodBackup('a/b')])], badBackup('a/b'), 'ERROR', 'failure'],
    ['a failure after a failure', [backupRun([badBackup('a/b')])], badBackup('a/b'), 'ERROR', 'still-failing'],
    ['a good one after a failure', [backupRun([badBackup('a/b')])], goodBackup('a/b'), 'INFO', 'recovery'],
    ['one that another run has locked', [backupRun([goodBackup('a/b')])], LOCKED, 'WARN', 'none'],
    [
      'a failure, with a lock between it and an earlier one',
      [backupRun([badBackup('a/b')]), backupRun([LOCKED])],
      badBackup('a/b'),
      'ERROR',
      'still-failing',
    ],
    [
      'a failure after a good one, with a lock between them',
      [backupRun([goodBackup('a/b')]), backupRun([LOCKED])],
      badBackup('a/b'),
      'ERROR',
      'failure',
    ],
    ['another database', [backupRun([badBackup('a/c')])], goodBackup('a/b'), 'INFO', 'first'],
  ] as const)('%s', (_, history, outcome, level, change) => {
    expect(newsOfRun(backupRun([outcome]), history)).toMatchObject([{ database: 'a/b', level, change }])
  })

  test('one whose pruning failed is good, with a warning', () => {
    const outcome = { ...goodBackup('a/b'), pruneFailure: { kind: 'volume', message: 'x' } }

    expect(newsOfRun(backupRun([outcome as never]), [])).toMatchObject([{ level: 'WARN', change: 'first' }])
  })

  test('less than half of the median of the last seven sizes is a warning, half of it is none', () => {
    const history = [900, 900, 100, 200, 300, 400, 500, 600, 700].map(size => backupRun([goodBackup('a/b', size)]))

    const [half] = newsOfRun(backupRun([goodBackup('a/b', 200)]), history)
    const [less] = newsOfRun(backupRun([goodBackup('a/b', 199)]), history)

    expect(half).toMatchObject({ level: 'INFO', shrunkFrom: null })
    expect(less).toMatchObject({ level: 'WARN', shrunkFrom: 400 })
  })
})

describe('a verification beside the one before', () => {
  test.each([
    [null, 'proved', 'INFO', 'first'],
    ['proved', 'proved', 'INFO', 'none'],
    ['proved', 'failed', 'ERROR', 'failure'],
    ['proved', 'could-not-verify', 'WARN', 'failure'],
    ['could-not-verify', 'failed', 'ERROR', 'failure'],
    ['could-not-verify', 'could-not-verify', 'WARN', 'still-failing'],
    ['failed', 'failed', 'ERROR', 'still-failing'],
    ['failed', 'proved', 'INFO', 'recovery'],
    ['could-not-verify', 'proved', 'INFO', 'recovery'],
  ] as const)('%s, then %s', (before, verdict, level, change) => {
    const history = before === null ? [] : [verifyRun([verification('a/b', before)])]

    expect(newsOfRun(verifyRun([verification('a/b', verdict)]), history)).toMatchObject([{ level, change }])
  })

  test('backups and verifications of one database are told apart', () => {
    const history = [backupRun([badBackup('a/b')]), verifyRun([verification('a/b', 'proved')])]

    expect(pastResultsIn(history)('a/b')).toMatchObject({ backup: 'failed', verdict: 'proved' })
  })
})

test('the usual size lies between the smallest and the largest of the last seven', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), sizes => {
      const usual = pastResultsIn(sizes.map(size => backupRun([goodBackup('a/b', size)])))('a/b').usualBytes ?? -1

      const last = sizes.slice(-7)
      expect(usual).toBeGreaterThanOrEqual(Math.min(...last))
      expect(usual).toBeLessThanOrEqual(Math.max(...last))
      expect(last.filter(size => size < usual).length).toBeLessThanOrEqual(last.length / 2)
    }),
  )
})
