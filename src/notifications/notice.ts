import type { Message } from './wording/message.ts'

/** INFO, WARN and ERROR are the words of the bash tool, which scripts of chat servers compare with. */
export type Level = 'INFO' | 'WARN' | 'ERROR'

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
