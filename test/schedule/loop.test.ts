import { describe, expect, test } from 'vitest'
import { readBackupConf } from '../../src/config/backup-conf.ts'
import { LONGEST_SLEEP_MS, type LoopState, runLoop } from '../../src/schedule/loop.ts'
import type { QueuedRun } from '../../src/schedule/queue.ts'
import { scheduledRuns } from '../../src/schedule/scheduled-run.ts'
import { startTimetable, type Timetable } from '../../src/schedule/timetable.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

interface Scheduler {
  readonly clock: FakeClock
  /** When runs began, with their mode, such as `backup 2026-11-20T01:00:00Z`. */
  readonly starts: readonly string[]
  readonly states: readonly LoopState[]
  /** The most runs that ever were under way at once. */
  readonly most: () => number
  change(lines: string): void
  stop(): void
  readonly ended: Promise<void>
  readonly isOver: () => boolean
}

/** A scheduler on a clock of its own; each run takes `runMs`. */
function schedule(lines: string, given: { start: string; timeZone?: string; runMs?: number }): Scheduler {
  const clock = createFakeClock(given.start)
  const stopping = new AbortController()
  const starts: string[] = []
  const states: LoopState[] = []
  let under = 0
  let most = 0
  let changed: Timetable | null = null
  let over = false
  const run = async ({ run: { command } }: QueuedRun): Promise<void> => {
    starts.push(`${command.mode} ${clock.now().toISOString().replace('.000Z', 'Z')}`)
    under += 1
    most = Math.max(most, under)
    if (given.runMs !== undefined) await clock.sleep(given.runMs, new AbortController().signal)
    under -= 1
  }
  const turn = async (state: LoopState): Promise<Timetable | null> => {
    if (state.running !== null || changed === null) return null
    const fresh = changed
    changed = null
    return fresh
  }
  const timetable = timetableOf(lines, clock, given.timeZone)
  const show = (state: LoopState): void => void states.push(state)
  const ended = runLoop({ clock, timetable, waiting: [], run, turn, show }, stopping.signal).then(() => {
    over = true
  })
  return {
    clock,
    starts,
    states,
    most: () => most,
    change: text => {
      changed = timetableOf(text, clock, given.timeZone)
    },
    stop: () => stopping.abort(),
    ended,
    isOver: () => over,
  }
}

function timetableOf(text: string, clock: FakeClock, timeZone = 'UTC'): Timetable {
  const { cronLines } = readBackupConf({ path: 'backup.conf', text })
  const runs = scheduledRuns({ cronLines, timeZone, backupPeriodMs: DAY }, clock.now())
  return startTimetable(runs, { now: clock.now(), lastStart: () => null })
}

async function startsOf(lines: string, given: { start: string; timeZone: string; days: number }): Promise<string[]> {
  const scheduler = schedule(lines, given)
  await scheduler.clock.advance(given.days * DAY)
  scheduler.stop()
  await scheduler.ended
  return scheduler.starts.map(start => start.replace('backup ', ''))
}

describe('FM29 when clocks are set forward, a time that they skip runs once, right after it', () => {
  test('in America/Vancouver, March 2025', async () => {
    const given = { start: '2025-03-08T08:00:00Z', timeZone: 'America/Vancouver', days: 3 }

    const starts = await startsOf('30 2 * * * default backup -s', given)

    expect(starts).toEqual(['2025-03-08T10:30:00Z', '2025-03-09T10:00:00Z', '2025-03-10T09:30:00Z'])
  })

  test('in Europe/Prague, March 2026', async () => {
    const given = { start: '2026-03-28T00:00:00Z', timeZone: 'Europe/Prague', days: 3 }

    const starts = await startsOf('30 2 * * * default backup -s', given)

    expect(starts).toEqual(['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'])
  })
})

describe('FM29 when clocks are set back, a time that they repeat runs once', () => {
  test('in America/Vancouver, November 2025', async () => {
    const given = { start: '2025-11-01T07:00:00Z', timeZone: 'America/Vancouver', days: 3 }

    const starts = await startsOf('30 1 * * * default backup -s', given)

    expect(starts).toEqual(['2025-11-01T08:30:00Z', '2025-11-02T08:30:00Z', '2025-11-03T09:30:00Z'])
  })

  test('in Europe/Prague, October 2026', async () => {
    const given = { start: '2026-10-24T00:00:00Z', timeZone: 'Europe/Prague', days: 3 }

    const starts = await startsOf('30 2 * * * default backup -s', given)

    expect(starts).toEqual(['2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'])
  })

  test('and a schedule of every half hour runs every half hour', async () => {
    const given = { start: '2026-10-24T23:45:00Z', timeZone: 'Europe/Prague', days: 1 / 8 }

    const starts = await startsOf('*/30 * * * * default backup -s', given)

    expect(starts).toHaveLength(6)
    expect(starts.slice(0, 3)).toEqual(['2026-10-25T00:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:00:00Z'])
  })
})

describe('FM30 when the clock is wrong', () => {
  test('and set back an hour after the run, the run does not come a second time', async () => {
    const scheduler = schedule('0 1 * * * default backup -s', { start: '2026-11-20T00:50:00Z' })
    await scheduler.clock.advance(15 * MINUTE)

    scheduler.clock.setWall(-HOUR)
    await scheduler.clock.advance(2 * HOUR)

    expect(scheduler.starts).toEqual(['backup 2026-11-20T01:00:00Z'])
    await scheduler.clock.advance(DAY)
    expect(scheduler.starts).toHaveLength(2)
  })

  test('and set back an hour, a schedule of every ten minutes has no gap', async () => {
    const scheduler = schedule('*/10 * * * * default backup -s', { start: '2026-11-20T00:55:00Z' })
    await scheduler.clock.advance(10 * MINUTE)

    scheduler.clock.setWall(-HOUR)
    await scheduler.clock.advance(HOUR)

    expect(scheduler.starts).toHaveLength(1 + 6)
  })

  test('and set back an hour, @every counts anew from then on', async () => {
    const scheduler = schedule('@every 10m default backup -s', { start: '2026-11-20T00:55:00Z' })
    await scheduler.clock.advance(11 * MINUTE)

    scheduler.clock.setWall(-HOUR)
    await scheduler.clock.advance(HOUR)

    expect(scheduler.starts.length).toBeGreaterThanOrEqual(6)
  })

  test('and a year ahead until somebody sets it right, the schedule goes on from there', async () => {
    const scheduler = schedule('0 1 * * * default backup -s', { start: '2027-11-20T00:30:00Z' })
    await scheduler.clock.advance(HOUR)

    scheduler.clock.setWall(-365 * DAY)
    await scheduler.clock.advance(DAY)

    expect(scheduler.starts).toEqual(['backup 2027-11-20T01:00:00Z', 'backup 2026-11-21T01:00:00Z'])
  })

  test('and set forward past a run, the run comes at once', async () => {
    const scheduler = schedule('0 1 * * * default backup -s', { start: '2026-11-20T00:30:00Z' })
    await scheduler.clock.advance(MINUTE)

    scheduler.clock.setWall(2 * HOUR)
    await scheduler.clock.advance(LONGEST_SLEEP_MS)

    expect(scheduler.starts).toHaveLength(1)
  })
})

test('FM41 a process that was suspended for three hours makes up for all of them with one run', async () => {
  const scheduler = schedule('0 * * * * default backup -s', { start: '2026-11-20T00:30:00Z' })
  await scheduler.clock.advance(MINUTE)

  await scheduler.clock.suspend(3 * HOUR)

  expect(scheduler.starts).toEqual(['backup 2026-11-20T03:31:00Z'])
  await scheduler.clock.advance(HOUR)
  expect(scheduler.starts.at(-1)).toBe('backup 2026-11-20T04:00:00Z')
})

test('FM30 however far away the next run is, the clock is looked at every ten seconds', async () => {
  const scheduler = schedule('0 0 29 2 * default backup -s', { start: '2026-11-20T00:00:00Z' })

  await scheduler.clock.advance(HOUR)

  expect(Math.max(...scheduler.clock.sleeps)).toBeLessThanOrEqual(LONGEST_SLEEP_MS)
})

describe('FM20 runs never overlap', () => {
  test('a run that takes longer than its interval is followed by one run, not by two at once', async () => {
    const scheduler = schedule('*/10 * * * * default backup -s', {
      start: '2026-11-20T00:05:00Z',
      runMs: 25 * MINUTE,
    })

    await scheduler.clock.advance(HOUR)

    expect(scheduler.most()).toBe(1)
    expect(scheduler.starts).toEqual([
      'backup 2026-11-20T00:10:00Z',
      'backup 2026-11-20T00:35:00Z',
      'backup 2026-11-20T01:00:00Z',
    ])
    expect(Math.max(...scheduler.states.map(state => state.waiting.length))).toBe(1)
  })

  test('one of another kind that is due during a backup waits for its end', async () => {
    const scheduler = schedule('0 1 * * * default backup -s\n5 1 * * * default backup -ps', {
      start: '2026-11-20T00:59:00Z',
      runMs: 10 * MINUTE,
    })

    await scheduler.clock.advance(HOUR)

    expect(scheduler.most()).toBe(1)
    expect(scheduler.starts).toEqual(['backup 2026-11-20T01:00:00Z', 'prune 2026-11-20T01:10:00Z'])
  })

  test('the same line written twice is one run', async () => {
    const scheduler = schedule('0 1 * * * default backup -s\n0 1 * * * default backup -s', {
      start: '2026-11-20T00:59:00Z',
    })

    await scheduler.clock.advance(HOUR)

    expect(scheduler.starts).toHaveLength(1)
  })
})

describe('a changed configuration', () => {
  test('FM36 is taken over between two runs, never in the middle of one', async () => {
    const scheduler = schedule('0 1 * * * default backup -s\n5 1 * * * default backup -ps', {
      start: '2026-11-20T00:59:00Z',
      runMs: 10 * MINUTE,
    })
    await scheduler.clock.advance(7 * MINUTE)

    scheduler.change('30 1 * * * default backup -s')
    await scheduler.clock.advance(HOUR)

    // The prune that waited is gone with its line.
    expect(scheduler.starts).toEqual(['backup 2026-11-20T01:00:00Z', 'backup 2026-11-20T01:30:00Z'])
  })

  test('FM36 leaves lines that stay as they were: @every does not begin anew', async () => {
    const line = '@every 1h default backup -s'
    const scheduler = schedule(line, { start: '2026-11-20T00:00:00Z' })
    await scheduler.clock.advance(50 * MINUTE)

    scheduler.change(`${line}\n0 5 * * * default backup -ps`)
    await scheduler.clock.advance(11 * MINUTE)

    expect(scheduler.starts).toEqual(['backup 2026-11-20T01:00:00Z'])
  })
})

test('FM39 after the signal to stop no run begins, and the one that is under way may end', async () => {
  const scheduler = schedule('* * * * * default backup -s', { start: '2026-11-20T00:00:30Z', runMs: 5 * MINUTE })
  await scheduler.clock.advance(MINUTE)

  scheduler.stop()
  await scheduler.clock.advance(MINUTE)
  const during = scheduler.isOver()
  await scheduler.clock.advance(5 * MINUTE)

  expect(during).toBe(false)
  expect(scheduler.isOver()).toBe(true)
  expect(scheduler.starts).toHaveLength(1) // It does not spin while it waits.
  expect(scheduler.states.length).toBeLessThan(100)
})
