import type { Clock } from '../system/clock.ts'
import { enqueue, type QueuedRun, withoutGone } from './queue.ts'
import { lookAtTimetable, nextDue, type Timetable, takeOver } from './timetable.ts'

/** However far away the next run is, the wall clock is looked at this often: it may jump, and the process may be suspended. */
export const LONGEST_SLEEP_MS = 10_000

/** What the loop knows, for whoever reports on it. */
export interface LoopState {
  readonly timetable: Timetable
  readonly running: QueuedRun | null
  readonly waiting: readonly QueuedRun[]
}

export interface LoopInput {
  readonly clock: Clock
  readonly timetable: Timetable
  /** Runs that are to come first. */
  readonly waiting: readonly QueuedRun[]
  /** Does the work of one run. It must not reject. */
  run(queued: QueuedRun): Promise<void>
  /**
   * Called at every turn, at the latest every LONGEST_SLEEP_MS. While nothing runs it may give a new timetable, that of a
   * changed configuration; runs that are in the old one too keep their times.
   */
  turn(state: LoopState): Promise<Timetable | null>
  /** Called whenever the state may have changed. */
  show(state: LoopState): void
}

/**
 * Starts runs when they are due, one after the other, never two at once, until `stopping` is aborted; then it starts no
 * more and resolves when the one that is under way has ended.
 */
export async function runLoop(input: LoopInput, stopping: AbortSignal): Promise<void> {
  const { clock } = input
  const alarm = createAlarm(stopping)
  let lookedAt = clock.now()
  let state: LoopState = { timetable: input.timetable, running: null, waiting: input.waiting }
  while (!stopping.aborted || state.running !== null) {
    const woken = alarm.arm()
    const changed = await input.turn(state)
    if (changed !== null && state.running === null) state = withTimetable(state, changed)
    if (!stopping.aborted) {
      const now = clock.now()
      state = collectDue(state, { now, before: lookedAt })
      lookedAt = now
    }
    const first = state.running === null && !stopping.aborted ? state.waiting[0] : undefined
    if (first !== undefined) {
      state = { ...state, running: first, waiting: state.waiting.slice(1) }
      input.show(state)
      void input.run(first).finally(() => {
        state = { ...state, running: null }
        alarm.ring()
      })
      continue
    }
    input.show(state)
    const sleepMs = stopping.aborted ? LONGEST_SLEEP_MS : untilNext(state, clock.now())
    await clock.sleep(sleepMs, woken).catch(() => {})
  }
  input.show(state)
}

function collectDue(state: LoopState, look: { readonly now: Date; readonly before: Date }): LoopState {
  const { due, timetable } = lookAtTimetable(state.timetable, look)
  const waiting = due.reduce((queue, run) => enqueue(queue, { ...run, trigger: 'schedule' }), state.waiting)
  return { ...state, timetable, waiting }
}

function withTimetable(state: LoopState, fresh: Timetable): LoopState {
  const keys = new Set(fresh.map(entry => entry.run.key))
  return { ...state, timetable: takeOver(fresh, state.timetable), waiting: withoutGone(state.waiting, keys) }
}

function untilNext({ timetable }: LoopState, now: Date): number {
  const due = nextDue(timetable)
  const left = due === null ? LONGEST_SLEEP_MS : due.getTime() - now.getTime()
  return Math.max(1, Math.min(LONGEST_SLEEP_MS, left))
}

interface Alarm {
  /** The signal that ends the next sleep. */
  arm(): AbortSignal
  ring(): void
}

/** One listener on `stopping` for the whole life of the loop: one for each sleep would pile up. */
function createAlarm(stopping: AbortSignal): Alarm {
  let current = new AbortController()
  stopping.addEventListener('abort', () => current.abort())
  return {
    arm() {
      current = new AbortController()
      return current.signal
    },
    ring: () => current.abort(),
  }
}
