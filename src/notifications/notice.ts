import type { Message } from './wording/message.ts'

/**
 * One thing to be told, as data that can wait on the volume: it holds no address and no secret. A `message` is for
 * people who talk, an `alert` for those on call, a `ping` for a dead-man's switch.
 */
export type Notice =
  | { readonly kind: 'message'; readonly at: string; readonly message: Message }
  | {
      readonly kind: 'alert'
      readonly at: string
      readonly action: 'trigger' | 'resolve'
      /** The same for the failure and for its end, so that the one closes the other. */
      readonly subject: string
      readonly message: Message
    }
  | {
      readonly kind: 'ping'
      readonly at: string
      /** `log` changes nothing on the other side. */
      readonly state: 'start' | 'success' | 'fail' | 'log'
      readonly runId: string
      readonly message: Message
    }

export type NoticeKind = Notice['kind']

/** Later than this, people should know that they read old news. */
const LATE_MS = 5 * 60_000

/** A message that could not be told in time says so in its first line. */
export function withDelay(notice: Notice, now: Date): Notice {
  const lateMs = now.getTime() - Date.parse(notice.at)
  if (notice.kind !== 'message' || !(lateMs > LATE_MS)) return notice
  const line = [`written ${notice.at}; it could not be sent until now`]
  return { ...notice, message: { ...notice.message, lines: [line, ...notice.message.lines] } }
}
