import type { Channel } from './delivery.ts'
import type { Notice, NoticeKind } from './notice.ts'

/**
 * What came of telling one notice. `refused` is final: the same notice would be refused again. `not-now` is worth
 * another try, not before `retryAfterMs` where the other side named a time. `detail` is one sentence that holds neither
 * address nor secret.
 */
export type TellOutcome =
  | { readonly result: 'taken'; readonly detail: string }
  | { readonly result: 'refused'; readonly detail: string }
  | { readonly result: 'not-now'; readonly detail: string; readonly retryAfterMs: number | null }

/** One way of telling. Retries, the rate limit and the queue on the volume are built around it. */
export interface Notifier {
  readonly channel: Channel
  /** The kind of notice that it tells; it is never given another. */
  readonly kind: NoticeKind
  /**
   * Tells one notice, once, and resolves with what came of it; every obstacle is an answer. Rejects only with the
   * signal's reason. It may be given the same notice again, when nobody knows whether it arrived: people then see a
   * message twice, while alerts and pings carry an identity and count once. It takes a bounded time by itself.
   */
  tell(notice: Notice, signal: AbortSignal): Promise<TellOutcome>
}
