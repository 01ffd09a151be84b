import type { DueRun } from './timetable.ts'

/** A run that waits for its turn. */
export interface QueuedRun extends DueRun {
  readonly trigger: 'schedule' | 'missed'
}

/** The queue with one run more at its end. A run that waits in it already is the same run: it comes once. */
export function enqueue(queue: readonly QueuedRun[], added: QueuedRun): readonly QueuedRun[] {
  return queue.some(waiting => waiting.run.key === added.run.key) ? queue : [...queue, added]
}

/** The queue without runs whose schedule is gone from the configuration. */
export function withoutGone(queue: readonly QueuedRun[], keys: ReadonlySet<string>): readonly QueuedRun[] {
  return queue.filter(waiting => keys.has(waiting.run.key))
}
