import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { archiveName, classifyFile, isCalendarDate, parseArchiveName } from '../../../src/catalog/naming/names.ts'
import { databaseId } from '../../../src/config/source-id.ts'
import { localTime } from '../../../src/system/time-zone.ts'

const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 63 })
const anyHost = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
const anyTime = fc
  .date({ min: new Date('1970-01-02T00:00:00Z'), max: new Date('9998-01-01T00:00:00Z'), noInvalidDate: true })
  .map(date => localTime(date, 'UTC'))

describe('parseArchiveName', () => {
  test('FM23 reads back the stem of every name that archiveName makes', () => {
    fc.assert(
      fc.property(anyHost, anyName, anyTime, (host, database, time) => {
        const { stem } = databaseId({ host, port: 5432, database })

        expect(parseArchiveName(archiveName(stem, time))?.stem).toBe(stem)
      }),
    )
  })

  test('takes the last timestamp of a name that holds two', () => {
    const parsed = parseArchiveName('db-app_2026-11-20_01-00-00_2026-11-21_02-03-04.sql.gz')

    expect(parsed).toEqual({ stem: 'db-app_2026-11-20_01-00-00', date: '2026-11-21', time: '02-03-04' })
  })

  test.each([
    'db-app_2026-02-29_01-00-00.sql.gz',
    'db-app_2026-13-01_01-00-00.sql.gz',
    'db-app_2026-11-20_24-00-00.sql.gz',
    'db-app_2026-11-20_01-60-00.sql.gz',
    'db-app_2026-11-20_01-00-00.sql.gz.old',
    'db-app_2026-11-20_01-00-00.sqlxgz',
    'db-app_2026-11-20_01-00-00.sql',
    'app_2026-11-20_01-00-00.sql.gz',
    '-app_2026-11-20_01-00-00.sql.gz',
    '.db-app_2026-11-20_01-00-00.sql.gz',
    'db app-x_2026-11-20_01-00-00.sql.gz',
    '_2026-11-20_01-00-00.sql.gz',
    'db-app_2026-11-20_01-00-00.sql.gz\n',
  ])('FM26 %j is nobody’s archive', name => {
    expect(parseArchiveName(name)).toBeNull()
  })
})

test('files beside an archive are told apart by their exact extensions', () => {
  const archive = 'db-app_2026-11-20_01-00-00.sql.gz'

  const parsed = parseArchiveName(archive)

  expect(classifyFile(archive)).toEqual({ kind: 'archive', archive, parsed })
  expect(classifyFile(`${archive}.json`)).toEqual({ kind: 'manifest', archive, parsed })
  expect(classifyFile(`${archive}.in_progress`)).toEqual({ kind: 'unfinished', archive, parsed })
  expect(classifyFile(`${archive}.json.in_progress`)).toEqual({ kind: 'unfinished', archive, parsed })
  expect(classifyFile(`${archive}.sha256`)).toBeNull()
  expect(classifyFile('notes.json')).toBeNull()
})

test('a calendar date exists', () => {
  expect(isCalendarDate('2028-02-29')).toBe(true)
  expect(isCalendarDate('2026-02-29')).toBe(false)
  expect(isCalendarDate('2026-2-9')).toBe(false)
  expect(isCalendarDate('2026-11-20\n')).toBe(false)
})
