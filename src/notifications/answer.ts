import type { Answer } from './notifier.ts'

/** What an HTTP server said. */
export interface HttpResponse {
  readonly status: number
  /** The header as it is; null when there is none. */
  readonly retryAfter: string | null
  /** The beginning of the body. */
  readonly body: string
}

const LONGEST_QUOTE = 120

/**
 * Reads a response. Redirects are not followed, because the address is a secret that its owner gave to one server.
 * `secrets` are blanked in what is quoted of the body.
 */
export function answerOf(response: HttpResponse, secrets: readonly string[], now: Date): Answer {
  const { status } = response
  const detail = `HTTP ${status}${quote(response.body, secrets)}`
  if (status >= 200 && status < 300) return { result: 'taken', detail }
  if (status >= 300 && status < 400) return { result: 'refused', detail: `${detail}; expected the final address` }
  if (isWorthAnotherTry(response)) return { result: 'not-now', detail, retryAfterMs: retryAfterMs(response, now) }
  return { result: 'refused', detail }
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
