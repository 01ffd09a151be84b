import type { Secret } from '../config/secret.ts'
import type { TellOutcome } from './notifier.ts'

/** One HTTP POST. */
export interface HttpPost {
  readonly url: Secret
  /** Sent exactly so: some chat servers compare it with what they know. */
  readonly contentType: string
  readonly body: string
}

/** Sends one post and resolves with its answer, whatever happens on the way; rejects only with the signal's reason. */
export type Sender = (post: HttpPost, signal: AbortSignal) => Promise<TellOutcome>
