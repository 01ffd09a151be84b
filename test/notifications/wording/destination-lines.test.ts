import { describe, expect, test } from 'vitest'
import type { DestinationOutcome, RunReport } from '../../../src/events.ts'
import { destinationLines, isCopyNews, lacksCopies } from '../../../src/notifications/wording/destination-lines.ts'
import { lineText } from '../../../src/notifications/wording/message.ts'
import { backupRun } from '../samples.ts'

const REFUSED = {
  kind: 'authentication',
  message: 'ftp://x: refused',
  hint: 'check it',
  sqlstate: null,
  object: null,
} as const

function reportOf(...given: readonly Partial<DestinationOutcome>[]): RunReport {
  const fine = { destination: 'ftp', place: 'ftp://x', caughtUp: 0, missing: 0, removed: [], failure: null } as const
  return backupRun([], { destinations: given.map(each => ({ ...fine, ...each })) })
}

function linesOf(report: RunReport): readonly string[] {
  return destinationLines(report).map(line => lineText(line, value => value))
}

describe('what a digest says of destinations', () => {
  test('is nothing where all copies are there', () => {
    expect(linesOf(reportOf({}))).toEqual([])
    expect(lacksCopies(reportOf({}))).toBe(false)
  })

  test('FM49 names what is missing, why, and what to do, once for all databases', () => {
    const report = reportOf({ missing: 20, failure: REFUSED }, { destination: 's3', caughtUp: 3 })

    expect(linesOf(report)).toEqual([
      'copies to ftp: 20 MISSING, the next run sends them: ftp://x: refused; check it',
      'copies to s3: 3 earlier ones made up for',
    ])
    expect(lacksCopies(report)).toBe(true)
  })
})

describe('a destination that fails', () => {
  const failing = reportOf({ missing: 1 })

  test('FM55 is news once, and once more when it recovers', () => {
    expect(isCopyNews(failing, [reportOf({})])).toBe(true)
    expect(isCopyNews(failing, [reportOf({}), failing])).toBe(false)
    expect(isCopyNews(reportOf({}), [failing])).toBe(true)
    expect(isCopyNews(reportOf({}), [reportOf({})])).toBe(false)
  })

  test('is judged by the last run that came to its end', () => {
    expect(isCopyNews(failing, [failing, { ...reportOf({}), interrupted: true }])).toBe(false)
  })
})
