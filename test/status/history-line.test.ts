import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../src/events.ts'
import { type HistoryLine, historyText, readHistoryLine } from '../../src/status/history-line.ts'
import { backupRun, badBackup, goodBackup, verification, verifyRun } from '../notifications/samples.ts'

const COUNTS = [
  { what: 'tables', count: 12 },
  { what: 'rows', count: 20_000 },
]

function lineOf(report: RunReport): HistoryLine {
  return { type: 'run', schedule: null, report }
}

/** As a version before there were counts wrote it. */
function olderText(report: RunReport): string {
  const line = JSON.parse(historyText(lineOf(report)))
  for (const outcome of line.report.outcomes) delete outcome.counts
  return JSON.stringify(line)
}

function outcomesIn(text: string): unknown {
  const line = readHistoryLine(text)
  return line?.type === 'run' && 'outcomes' in line.report ? line.report.outcomes : null
}

describe('what was counted, in a line of the history', () => {
  test('stands there in the fields of older versions too', () => {
    const backup = JSON.parse(historyText(lineOf(backupRun([goodBackup('db/a'), badBackup('db/b')]))))
    const verify = JSON.parse(historyText(lineOf(verifyRun([verification('db/a', 'proved')]))))

    expect(backup.report.outcomes).toEqual([{ ...goodBackup('db/a'), rows: 20_000 }, badBackup('db/b')])
    expect(verify.report.outcomes).toMatchObject([{ counts: COUNTS, tables: 12, rows: 20_000 }])
  })

  test('is read of older versions, which have no counts', () => {
    const backup = olderText(backupRun([goodBackup('db/a'), badBackup('db/b')]))
    const verify = olderText(verifyRun([verification('db/a', 'proved')]))

    expect(outcomesIn(backup)).toMatchObject([{ counts: [{ what: 'rows', count: 20_000 }] }, { result: 'failed' }])
    expect(outcomesIn(verify)).toMatchObject([{ verdict: 'proved', counts: COUNTS }])
  })

  test('is read as it was written', () => {
    const text = historyText(lineOf(verifyRun([verification('db/a', 'proved')])))

    expect(outcomesIn(text)).toEqual(JSON.parse(text).report.outcomes)
  })
})
