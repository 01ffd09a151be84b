import type { Verdict } from '../events.ts'

/** How a source stands, in the words that every channel uses; from what a person must see first to what is well. */
export const SOURCE_STATES = [
  'alarm',
  'never',
  'failed',
  'overdue',
  'proof-failed',
  'copies-missing',
  'on-time',
] as const

export type SourceState = (typeof SOURCE_STATES)[number]

/** What decides how a source stands. */
export interface StateFacts {
  readonly now: Date
  /** When the newest archive that a restore would take was begun; null: there is none. */
  readonly lastTakenAt: Date | null
  /** Since when an alarm of what it holds stands; null: none does. */
  readonly alarmSince: Date | null
  /** How old that may be, and the time between two backups, in milliseconds. */
  readonly allowedMs: number
  readonly intervalMs: number
  /** When the first of the runs ended that have failed in a row since then; null: the last one did not fail. */
  readonly failedSince: Date | null
  /** The verdict on the newest archive that has one. */
  readonly proof: { readonly verdict: Verdict; readonly at: Date } | null
  /** When the oldest archive was taken whose copy is not where it should be; null: all are. */
  readonly uncopiedSince: Date | null
}

/** `since` is when it began; null for what has no beginning: never, on time. */
export interface JudgedState {
  readonly state: SourceState
  readonly since: Date | null
}

/**
 * How a source stands: the one thing that a person should know of it first. A copy that is missing counts only when it is
 * so old that the next run should have sent it.
 */
export function judgeState(facts: StateFacts): JudgedState {
  const { now, lastTakenAt, failedSince, proof, uncopiedSince } = facts
  const isOld = (time: Date): boolean => now.getTime() - time.getTime() > facts.allowedMs
  if (facts.alarmSince !== null) return { state: 'alarm', since: facts.alarmSince }
  if (failedSince !== null) return { state: 'failed', since: failedSince }
  if (lastTakenAt === null) return { state: 'never', since: null }
  if (isOld(lastTakenAt)) return { state: 'overdue', since: new Date(lastTakenAt.getTime() + facts.intervalMs) }
  if (proof?.verdict === 'failed') return { state: 'proof-failed', since: proof.at }
  if (uncopiedSince !== null && isOld(uncopiedSince)) return { state: 'copies-missing', since: uncopiedSince }
  return { state: 'on-time', since: null }
}
