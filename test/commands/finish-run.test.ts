import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { finishRun } from '../../src/commands/finish-run.ts'
import { runFacts, startOfRun } from '../../src/commands/run-facts.ts'
import { Interruption } from '../../src/errors.ts'
import type { Occurrence } from '../../src/notifications/occurrence.ts'
import { readHistory } from '../../src/status/history.ts'
import { commandContext } from '../support/command-context.ts'
import { temporaryVolume } from '../support/volume.ts'

function contextOf(volume: string) {
  const { context } = commandContext(volume, [])
  const told: Occurrence[] = []
  const warned: string[] = []
  return {
    told,
    warned,
    context: {
      ...context,
      notifications: { ...context.notifications, tell: (occurrence: Occurrence) => void told.push(occurrence) },
      log: { ...context.log, warn: (event: string) => void warned.push(event) },
    },
  }
}

describe('the end of a run', () => {
  test('FM38 is a line of the history, with the schedule that started it, and is told', async () => {
    const volume = temporaryVolume()
    const { context, told } = contextOf(volume)
    const facts = runFacts(context, { ...startOfRun(context), exitCode: 3 }, new AbortController().signal)
    const report = { mode: 'prune', ...facts, removed: [], failure: null } as const

    const occasion = { trigger: 'schedule', schedule: 'UTC @daily backup -ps' } as const
    await finishRun({ ...context, occasion }, report, () => {})

    expect(await readHistory(volume)).toEqual([{ type: 'run', schedule: 'UTC @daily backup -ps', report }])
    expect(told).toMatchObject([{ type: 'run-finished', report: { exitCode: 3, interrupted: false } }])
  })

  test('FM03 on a volume that cannot be written is told all the same, and does not throw', async () => {
    const volume = temporaryVolume()
    writeFileSync(join(volume, '.backup'), 'a file in the way')
    const { context, told, warned } = contextOf(volume)
    const facts = runFacts(context, { ...startOfRun(context), exitCode: 0 }, new AbortController().signal)

    const texts: string[] = []
    await finishRun(context, { mode: 'prune', ...facts, removed: [], failure: null }, text => texts.push(text))

    expect(told).toHaveLength(1)
    expect(warned).toEqual([])
    expect(texts).toEqual([expect.stringMatching(/^not recorded: this run, in the history: .*\.backup: a plain file/)])
  })
})

describe('FM39 the facts of an interrupted run', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s say %d, whatever the run came to', (name, code) => {
    const { context } = contextOf('/nowhere')
    const signal = AbortSignal.abort(new Interruption(name))

    const facts = runFacts(context, { ...startOfRun(context), exitCode: 1 }, signal)

    expect(facts).toMatchObject({ interrupted: true, exitCode: code })
  })
})
