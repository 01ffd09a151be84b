import { describe, expect, test } from 'vitest'
import { readBackupConf } from '../../src/config/backup-conf.ts'
import { databaseId } from '../../src/config/source-id.ts'
import { allowedAge } from '../../src/schedule/allowed-age.ts'

const HOUR = 3_600_000
const TOB = { host: 'wallet-db', port: 5432, database: 'tob' }
const DATABASE = { ...TOB, id: databaseId(TOB) }

function hoursAllowed(lines: string, now: string, periodHours = 24): { hours: number; place: string } {
  const { cronLines } = readBackupConf({ path: 'backup.conf', text: lines })
  const facts = {
    database: DATABASE,
    cronLines,
    timeZone: 'America/Vancouver',
    backupPeriodMs: periodHours * HOUR,
    now: new Date(now),
  }
  const { ms, place } = allowedAge(facts)
  return { hours: ms / HOUR, place }
}

describe('FM71 how old a backup may be', () => {
  test.each([
    ['0 1 * * * default ./backup.sh -s', '2026-11-20T12:00:00Z', 36],
    ['0 1 * * 0 default ./backup.sh -s', '2026-11-20T12:00:00Z', 1.5 * 7 * 24],
    ['@every 2h default backup -s', '2026-11-20T12:00:00Z', 3],
    // A Friday noon, a Sunday noon with the last backup 60 hours ago, and the Monday after it.
    ['0 1 * * 1-5 default backup -s', '2026-11-20T20:00:00Z', 36],
    ['0 1 * * 1-5 default backup -s', '2026-11-22T20:00:00Z', 60 + 12],
    ['0 1 * * 1-5 default backup -s', '2026-11-23T12:00:00Z', 1.5 * 72],
    ['TZ=Europe/Berlin\n0 1 * * * default backup -s', '2026-10-26T12:00:00Z', 1.5 * 25],
  ])('%s at %s', (line, now, hours) => {
    expect(hoursAllowed(line, now).hours).toBe(hours)
  })

  test('of several lines that make backups the most frequent counts; those of other modes do not', () => {
    const lines = '0 1 * * 0 default backup -s\n0 3 * * * default backup -s\n*/5 * * * * default backup -s -v all'

    expect(hoursAllowed(lines, '2026-11-20T12:00:00Z')).toEqual({ hours: 36, place: 'backup.conf:2' })
  })

  test('FM134 a line that names databases counts for those only', () => {
    const lines = '0 1 * * * default backup -s\n@every 2h default backup -s wallet-db/tob'

    expect(hoursAllowed(lines, '2026-11-20T12:00:00Z')).toEqual({ hours: 3, place: 'backup.conf:2' })
    expect(hoursAllowed(lines.replace('tob', 'other'), '2026-11-20T12:00:00Z').hours).toBe(36)
  })

  test('without a line that makes backups BACKUP_PERIOD says it', () => {
    const verified = '0 4 * * * default backup -s -v all'

    expect(hoursAllowed(verified, '2026-11-20T12:00:00Z', 2)).toEqual({ hours: 3, place: 'BACKUP_PERIOD' })
  })
})
