/** What pg_stat_activity says about the session of a dump. */
export type Backend =
  | {
      readonly seen: 'running'
      readonly state: string | null
      readonly waitEventType: string | null
      readonly waitEvent: string | null
    }
  | { readonly seen: 'gone' }
  /** The server did not answer. */
  | { readonly seen: 'unknown' }

export type StallVerdict =
  | { readonly action: 'go-on' }
  | { readonly action: 'end'; readonly because: 'gone' | 'unreachable' | 'idle' | 'lock' | 'client' }

/**
 * Whether a dump that has sent nothing for STALL_TIMEOUT, while we were reading, can still come to an end. An active
 * session that works, or waits for its disk, may be silent for long: a big index condition, a table full of dead rows.
 */
export function judgeSilentDump(backend: Backend): StallVerdict {
  switch (backend.seen) {
    case 'gone':
      return { action: 'end', because: 'gone' }
    case 'unknown':
      return { action: 'end', because: 'unreachable' }
    case 'running':
      if (backend.waitEventType === 'Lock') return { action: 'end', because: 'lock' }
      if (backend.state !== 'active') return { action: 'end', because: 'idle' }
      return backend.waitEventType === 'Client' ? { action: 'end', because: 'client' } : { action: 'go-on' }
  }
}

export interface Limits {
  /** 0: a silent dump is never ended. */
  readonly stallTimeoutMs: number
  /** 0: no deadline. */
  readonly dumpTimeoutMs: number
}

/** What to do with a dump now; times are of one monotonic clock, in milliseconds. */
export type NextStep =
  | { readonly step: 'sleep'; readonly ms: number }
  | { readonly step: 'ask' }
  | { readonly step: 'deadline' }

/** `waitingSince` is when we began to wait for the next bytes (or last found the session at work), null while we do not wait. */
export function nextStep(
  limits: Limits,
  startedAt: number,
  at: { readonly now: number; readonly waitingSince: number | null },
): NextStep {
  const untilDeadline = limits.dumpTimeoutMs > 0 ? startedAt + limits.dumpTimeoutMs - at.now : Number.POSITIVE_INFINITY
  if (untilDeadline <= 0) return { step: 'deadline' }
  const stall = limits.stallTimeoutMs > 0 ? limits.stallTimeoutMs : Number.POSITIVE_INFINITY
  const untilStall = (at.waitingSince ?? at.now) + stall - at.now
  if (untilStall <= 0) return { step: 'ask' }
  return { step: 'sleep', ms: Math.min(untilDeadline, untilStall, LONGEST_SLEEP_MS) }
}

const LONGEST_SLEEP_MS = 3_600_000
