import type { TellOutcome } from './notifier.ts'
import { meaningOfBody } from './refusal-in-body.ts'

/** What an HTTP server said. */
export interface HttpResponse {
  readonly status: number
  /** The header as it is; null when there is none. */
  readonly retryAfter: string | null
  /** The beginning of the body. */
  readonly body: string
}

const LONGEST_QUOTE = 120

/** A page may come from a relay that took the message, so that trying again soon would tell people the same many times. */
const AFTER_A_PAGE_MS = 3_600_000

/**
 * Reads a response: its status, and its body where the status is one of success. Redirects are not followed, because the
 * address is a secret that its owner gave to one server. `secrets` are blanked in what is quoted of the body.
 */
export function outcomeOf(response: HttpResponse, secrets: readonly string[], now: Date): TellOutcome {
  const { status } = response
  const detail = `HTTP ${status}${quote(response.body, secrets)}`
  if (status >= 200 && status < 300) return answerInBody(response, detail, now)
  if (status >= 300 && status < 400) return { result: 'refused', detail: `${detail}; expected the final address` }
  if (isWorthAnotherTry(response)) return { result: 'not-now', detail, retryAfterMs: retryAfterMs(response, now) }
  return { result: 'refused', detail }
}

function answerInBody(response: HttpResponse, detail: string, now: Date): TellOutcome {
  switch (meaningOfBody(response.body)) {
    case 'yes':
      return { result: 'taken', detail }
    case 'no':
      return { result: 'refused', detail: `${detail}; expected a yes` }
    case 'not-now':
      return { result: 'not-now', detail, retryAfterMs: retryAfterMs(response, now) }
    case 'page':
      return {
        result: 'not-now',
        detail: `${detail}; expected no web page, which is how logins and proxies answer`,
        retryAfterMs: AFTER_A_PAGE_MS,
      }
  }
}

/** Rocket.Chat has answered 400 where it meant 429. */
function isWorthAnotherTry({ status, body }: HttpResponse): boolean {
  return status >= 500 || status === 408 || status === 429 || (status === 400 && /too[ -]many[ -]requests/i.test(body))
}

/** Retry-After is a number of seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterMs({ retryAfter }: HttpResponse, now: Date): number | null {
  if (retryAfter === null) return null
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000
  const until = Date.parse(retryAfter) - now.getTime()
  return Number.isNaN(until) ? null : Math.max(0, until)
}

function quote(body: string, secrets: readonly string[]): string {
  const blanked = secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), body)
  const line = blanked
    .toWellFormed()
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
  return line === '' ? '' : `: ${line.slice(0, LONGEST_QUOTE)}`
}
