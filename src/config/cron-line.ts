/** A schedule of `backup.conf` in the form of go-crond: when, and what. */
export interface CronLine {
  readonly line: number
  /** `<file>:<line>`, for problems. */
  readonly place: string
  /** Five fields, a nickname such as `@daily`, or `@every <duration>`. */
  readonly schedule: string
  /** What stands behind the user word, as written. */
  readonly command: string
  /** The zone of a TZ or CRON_TZ line above it; null: the container's. */
  readonly timeZone: string | null
}

const SHAPE = 'minute hour day month weekday, @every <duration> or a nickname, then a user word, then the command'

/** Splits a schedule line into its parts; says what is missing when it can't. */
export function parseCronLine(
  text: string,
): { readonly schedule: string; readonly command: string } | { readonly fault: string; readonly hint?: string } {
  const words = text.split(/\s+/)
  const count = scheduleWords(words[0] ?? '')
  const user = words[count] ?? ''
  if (/^(\.?\/)?backup(\.sh)?$/.test(user)) {
    return { fault: 'no user word before the command; expected one, as go-crond does', hint: `write "default ${user}"` }
  }
  if (words.length < count + 2) return { fault: `a schedule with too few parts; expected ${SHAPE}` }
  return { schedule: words.slice(0, count).join(' '), command: words.slice(count + 1).join(' ') }
}

function scheduleWords(first: string): number {
  if (first === '@every') return 2
  return first.startsWith('@') ? 1 : 5
}
