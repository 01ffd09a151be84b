import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../src/events.ts'
import { type HistoryLine, historyText, readHistoryLine } from '../../src/status/history-line.ts'
import { backupRun, badBackup, goodBackup, verification, verifyRun } from '../notifications/samples.ts'

function lineOf(report: RunReport): HistoryLine {
  return { type: 'run', schedule: null, report }
}

function outcomesIn(text: string): unknown {
  const line = readHistoryLine(text)
  return line?.type === 'run' && 'outcomes' in line.report ? line.report.outcomes : null
}

describe('what was counted, in a line of the history', () => {
  test('stands there in the fields of every version', () => {
    const backup = JSON.parse(historyText(lineOf(backupRun([goodBackup('db/a'), badBackup('db/b')]))))
    const verify = JSON.parse(historyText(lineOf(verifyRun([verification('db/a', 'proved')]))))

    expect(backup.report.outcomes).toEqual([
      { ...goodBackup('db/a'), counts: undefined, rows: 20_000 },
      badBackup('db/b'),
    ])
    expect(verify.report.outcomes).toMatchObject([{ tables: 12, rows: 20_000 }])
    expect(verify.report.outcomes[0]).not.toHaveProperty('counts')
  })

  test('is read as it was written', () => {
    const text = historyText(lineOf(verifyRun([verification('db/a', 'proved')])))

    expect(outcomesIn(text)).toEqual(JSON.parse(text).report.outcomes)
  })
})
