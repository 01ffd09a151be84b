import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../../src/events.ts'
import { appendHistory, readHistory } from '../../../src/status/edge/history.ts'
import { type HistoryLine, historyText, readHistoryLine } from '../../../src/status/history-line.ts'
import { temporaryVolume } from '../../support/volume.ts'

function line(number: number, padding = ''): HistoryLine {
  return { type: 'run', schedule: `UTC @daily backup -s${padding}`, report: report(number) }
}

function report(number: number): RunReport {
  return {
    mode: 'prune',
    runId: `run-${number}`,
    trigger: 'schedule',
    startedAt: '2026-11-20T01:00:00-07:00',
    finishedAt: '2026-11-20T01:00:09-07:00',
    seconds: 9,
    exitCode: 0,
    interrupted: false,
    problems: [],
    removed: [],
    failure: null,
  }
}

function idsOf(lines: readonly HistoryLine[]): readonly string[] {
  return lines.map(each => (each.type === 'run' ? each.report.runId : each.type))
}

describe('the history', () => {
  test('is empty at first, then what was appended, in a file that only its owner and group read', async () => {
    const volume = temporaryVolume()
    const before = await readHistory(volume)

    await appendHistory(volume, line(1))
    await appendHistory(volume, { type: 'service-started', at: '2026-11-20T01:00:00-07:00' })

    expect(before).toEqual([])
    expect(await readHistory(volume)).toEqual([line(1), { type: 'service-started', at: '2026-11-20T01:00:00-07:00' }])
    expect(statSync(join(volume, '.backup/runs.jsonl')).mode & 0o007).toBe(0)
  })

  test('loses only the line that was torn when the machine died', async () => {
    const volume = temporaryVolume()
    await appendHistory(volume, line(1))
    appendFileSync(join(volume, '.backup/runs.jsonl'), `\n${historyText(line(2)).slice(0, 60)}`)

    await appendHistory(volume, line(3))

    expect(idsOf(await readHistory(volume))).toEqual(['run-1', 'run-3'])
  })

  test('is rotated by size, into one older file, and read over both', async () => {
    const volume = temporaryVolume()
    const padding = 'x'.repeat(300_000)

    for (let number = 1; number <= 12; number += 1) await appendHistory(volume, line(number, padding))

    const files = readdirSync(join(volume, '.backup')).sort()
    expect(files).toEqual(['runs.1.jsonl', 'runs.jsonl'])
    expect(files.every(name => statSync(join(volume, '.backup', name)).size < 1_500_000)).toBe(true)
    const ids = idsOf(await readHistory(volume))
    expect(ids.at(-1)).toBe('run-12')
    expect(ids).toEqual(ids.toSorted((a, b) => Number(a.slice(4)) - Number(b.slice(4))))
    expect(ids.length).toBeGreaterThanOrEqual(4)
  })

  test('of any size is read from its end, in bounded memory', async () => {
    const volume = temporaryVolume()
    mkdirSync(join(volume, '.backup'))
    writeFileSync(join(volume, '.backup/runs.jsonl'), `${'x'.repeat(30_000_000)}\n${historyText(line(7))}`)

    expect(idsOf(await readHistory(volume))).toEqual(['run-7'])
  })

  test('is written by several programs at once without a torn line', async () => {
    const volume = temporaryVolume()

    await Promise.all(Array.from({ length: 50 }, (_, number) => appendHistory(volume, line(number))))

    expect(new Set(idsOf(await readHistory(volume))).size).toBe(50)
    expect(readFileSync(join(volume, '.backup/runs.jsonl'), 'utf8').match(/run-\d+/g)).toHaveLength(50)
  })

  test('that cannot be written or read is an error of the volume', async () => {
    const volume = temporaryVolume()
    mkdirSync(join(volume, '.backup/runs.jsonl'), { recursive: true })

    await expect(appendHistory(volume, line(1))).rejects.toMatchObject({ kind: 'volume' })
    await expect(readHistory(volume)).rejects.toMatchObject({ kind: 'volume' })
  })
})

describe('a line', () => {
  test('that is no line of ours is passed over, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(readHistoryLine(text)).toBeNull()
      }),
    )
  })

  test.each([
    '{"type":"run","report":{"mode":"backup","startedAt":"x","finishedAt":"x","outcomes":[]}}',
    '{"type":"run","report":{"mode":"backup","startedAt":"2026-11-20T01:00:00Z","finishedAt":"2026-11-20T01:00:00Z"}}',
    '{"type":"run","report":{"mode":"other","startedAt":"2026-11-20T01:00:00Z","finishedAt":"2026-11-20T01:00:00Z"}}',
    '{"type":"run-missed","at":"2026-11-20T01:00:00Z"}',
  ])('%s lacks something and is passed over', text => {
    expect(readHistoryLine(text)).toBeNull()
  })
})
