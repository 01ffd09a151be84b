import type { Notice } from './notice.ts'

/** Later than this, people should know that they read old news. */
const LATE_MS = 5 * 60_000

/** A message that could not be told in time says so in its first line. */
export function withDelay(notice: Notice, now: Date): Notice {
  const lateMs = now.getTime() - Date.parse(notice.at)
  if (notice.kind !== 'message' || !(lateMs > LATE_MS)) return notice
  const line = [`written ${notice.at}; it could not be sent until now`]
  return { ...notice, message: { ...notice.message, lines: [line, ...notice.message.lines] } }
}
