import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type RunEnd, run } from '../../src/commands/run.ts'
import type { Problem } from '../../src/config/problem.ts'
import { Interruption, OperatorError } from '../../src/errors.ts'
import type { RunReport } from '../../src/events.ts'
import type { Occurrence } from '../../src/notifications/occurrence.ts'
import { readHistory } from '../../src/status/edge/history.ts'
import { commandContext } from '../support/command-context.ts'
import { temporaryVolume } from '../support/volume.ts'

const never = new AbortController().signal
const WARNING: Problem = { severity: 'warning', place: 'backup.conf:1', text: 'odd' }
const PROBLEM: Problem = { severity: 'problem', place: 'backup.conf:2', text: 'no host' }
const NOTHING_REMOVED = { mode: 'prune', removed: [], failure: null } as const

interface Given {
  readonly volume?: string
  readonly mode?: RunReport['mode']
  readonly problems?: readonly Problem[]
  readonly signal?: AbortSignal
}

/** Runs with work that comes to `end`, and collects what is told and warned of. */
async function runOf(end: RunEnd, given: Given = {}) {
  const { volume = temporaryVolume(), mode = 'prune', problems = [], signal = never } = given
  const { context } = commandContext(volume, [], problems)
  const told: Occurrence[] = []
  const warned: string[] = []
  const input = {
    context: {
      ...context,
      notifications: { ...context.notifications, tell: (occurrence: Occurrence) => void told.push(occurrence) },
      occasion: { trigger: 'schedule', schedule: 'UTC @daily backup -ps' } as const,
    },
    mode,
    warn: (text: string) => void warned.push(text),
  }
  const code = await run(input, async () => end, signal).catch((error: unknown) => error)
  return { code, told, warned, history: () => readHistory(volume) }
}

describe('the end of a run', () => {
  test('FM38 is a line of the history, with the schedule that started it, and is told', async () => {
    const { code, told, history } = await runOf({ codes: [3], report: NOTHING_REMOVED })

    const report = { ...NOTHING_REMOVED, trigger: 'schedule', exitCode: 3, interrupted: false }
    expect(code).toBe(3)
    expect(await history()).toMatchObject([{ type: 'run', schedule: 'UTC @daily backup -ps', report }])
    expect(told).toMatchObject([{ type: 'run-finished', report }])
  })

  test('FM03 on a volume that cannot be written is told all the same, and does not throw', async () => {
    const volume = temporaryVolume()
    writeFileSync(join(volume, '.backup'), 'a file in the way')

    const { code, told, warned } = await runOf({ codes: [], report: NOTHING_REMOVED }, { volume })

    expect(code).toBe(0)
    expect(told).toHaveLength(1)
    expect(warned).toEqual([expect.stringMatching(/^not recorded: this run, in the history: .*\.backup: a plain file/)])
  })

  test('FM38 that did nothing is not written down', async () => {
    const { code, told, history } = await runOf({ codes: [1], report: null })

    expect(code).toBe(1)
    expect(told).toEqual([])
    expect(await history()).toEqual([])
  })

  test('FM38 by what stopped it is written down, and thrown', async () => {
    const error = new OperatorError('locked', 'somebody is there')

    const { code, history } = await runOf({ stoppedBy: error, report: NOTHING_REMOVED })

    expect(code).toBe(error)
    expect(await history()).toMatchObject([{ report: { exitCode: 11 } }])
  })
})

describe('FM88 problems of the configuration', () => {
  test.each([
    ['backup', [PROBLEM], 10],
    ['prune', [PROBLEM], 10],
    ['verify', [PROBLEM], 10],
    ['restore', [PROBLEM], 0],
    ['backup', [WARNING], 0],
  ] as const)('after a %s with %j it ends with %d', async (mode, problems, code) => {
    const found = await runOf({ codes: [], report: NOTHING_REMOVED }, { mode, problems })

    expect(found.code).toBe(code)
  })

  test('stand in the report, warnings aside, and are weaker than a failure', async () => {
    const problems = [WARNING, PROBLEM]

    const { told } = await runOf({ codes: [3], report: NOTHING_REMOVED }, { problems })

    expect(told).toMatchObject([{ report: { exitCode: 3, problems: ['backup.conf:2: no host'] } }])
  })
})

describe('FM39 the report of an interrupted run', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('by %s says %d, whatever the run came to', async (name, exitCode) => {
    const signal = AbortSignal.abort(new Interruption(name))

    const { code, told } = await runOf({ codes: [1], report: NOTHING_REMOVED }, { signal })

    expect(code).toBe(1)
    expect(told).toMatchObject([{ report: { interrupted: true, exitCode } }])
  })
})
