import type { Secret } from '../config/secret.ts'
import type { Answer } from './notifier.ts'

/** One HTTP POST. */
export interface Post {
  readonly url: Secret
  /** Sent exactly so: some chat servers compare it with what they know. */
  readonly contentType: string
  readonly body: string
}

/** Sends one post and resolves with its answer, whatever happens on the way; rejects only with the signal's reason. */
export type Sender = (post: Post, signal: AbortSignal) => Promise<Answer>
