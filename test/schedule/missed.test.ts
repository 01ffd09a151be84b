import { describe, expect, test } from 'vitest'
import { readBackupConf } from '../../src/config/backup-conf.ts'
import { missedRuns, type PastRun } from '../../src/schedule/missed.ts'
import { scheduledRuns } from '../../src/schedule/scheduled-run.ts'

const NOW = new Date('2026-11-20T09:00:00Z')
const LONG_AGO = new Date('2026-01-01T00:00:00Z')

function missed(text: string, past: readonly PastRun[], knownSince: Date | null = LONG_AGO): readonly string[] {
  const { cronLines } = readBackupConf({ path: 'backup.conf', text })
  const runs = scheduledRuns({ cronLines, timeZone: 'UTC', backupPeriodMs: 1 }, NOW)
  return missedRuns(runs, { now: NOW, past, knownSince }).map(({ run, dueAt }) => {
    return `${run.command.mode} ${dueAt.toISOString()}`
  })
}

function backupAt(time: string, schedule: string | null = null): PastRun {
  return { mode: 'backup', schedule, ofSome: false, startedAt: new Date(time) }
}

describe('FM41 a run that was due while nothing ran', () => {
  const DAILY = '0 1 * * * default backup -s'

  test('is missed', () => {
    expect(missed(DAILY, [backupAt('2026-11-19T01:00:00Z')])).toEqual(['backup 2026-11-20T01:00:00.000Z'])
  })

  test('is one however many slots went by', () => {
    expect(missed(DAILY, [backupAt('2026-11-10T01:00:00Z')])).toEqual(['backup 2026-11-20T01:00:00.000Z'])
  })

  test('is not missed when it ran, by whomever, a little early by another clock or later', () => {
    expect(missed(DAILY, [backupAt('2026-11-20T01:00:00Z')])).toEqual([])
    expect(missed(DAILY, [backupAt('2026-11-20T00:58:00Z')])).toEqual([])
    expect(missed(DAILY, [backupAt('2026-11-20T08:00:00Z')])).toEqual([])
  })

  test('FM134 is missed when a backup of some databases only took place, unless that is what was due', () => {
    const some = { ...backupAt('2026-11-20T01:00:00Z'), ofSome: true }
    const ofOne = '0 1 * * * default backup -s db/app'

    expect(missed(DAILY, [some])).toHaveLength(1)
    expect(missed(ofOne, [some])).toHaveLength(1)
    expect(missed(ofOne, [{ ...some, schedule: `UTC 0 1 * * * backup -s db/app` }])).toEqual([])
    expect(missed(ofOne, [backupAt('2026-11-20T01:00:00Z')])).toEqual([])
  })

  test('is missed when another kind of run took place', () => {
    expect(missed(DAILY, [{ ...backupAt('2026-11-20T01:00:00Z'), mode: 'prune' }])).toHaveLength(1)
  })

  test('FM30 is missed in spite of a run that is dated in the future', () => {
    expect(missed(DAILY, [backupAt('2027-05-01T00:00:00Z')])).toHaveLength(1)
  })

  test('was never due in a container that is new', () => {
    expect(missed(DAILY, [], null)).toEqual([])
    expect(missed(DAILY, [], new Date('2026-11-20T03:00:00Z'))).toEqual([])
  })

  test('is missed in a container that was started before and never ran it', () => {
    expect(missed(DAILY, [], new Date('2026-11-19T15:00:00Z'))).toHaveLength(1)
  })

  test('@every is due from its own last run on', () => {
    const key = 'UTC @every 6h backup -s'

    expect(missed('@every 6h default backup -s', [backupAt('2026-11-20T01:00:00Z', key)])).toEqual([
      'backup 2026-11-20T07:00:00.000Z',
    ])
    expect(missed('@every 6h default backup -s', [backupAt('2026-11-20T05:00:00Z', key)])).toEqual([])
    expect(missed('@every 6h default backup -s', [])).toEqual([])
  })
})
