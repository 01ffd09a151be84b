import type { Dispatcher } from 'undici'
import { type NotificationSettings, notificationSecrets } from '../../config/notification-settings.ts'
import type { Clock } from '../../system/clock.ts'
import { codeOf } from '../../system/error-code.ts'
import type { HttpPost, Sender } from '../http-post.ts'
import { type HttpResponse, outcomeOf } from '../http-response.ts'
import type { TellOutcome } from '../notifier.ts'

/** How long things may take, in milliseconds. */
export interface SendLimits {
  readonly connectMs: number
  /** From the beginning to the last byte of the answer. */
  readonly wholeMs: number
}

const LONGEST_BODY = 8_192

/** A sender over HTTP, by proxies where they are set. Nothing is imported before the first post. */
export function createHttpSender(settings: NotificationSettings, limits: SendLimits, clock: Clock): Sender {
  const secrets = notificationSecrets(settings)
  let dispatcher: Promise<Dispatcher> | null = null
  return async (post, signal) => {
    dispatcher ??= createDispatcher(settings, limits)
    const timeout = AbortSignal.timeout(limits.wholeMs)
    try {
      const response = await exchange(await dispatcher, post, AbortSignal.any([signal, timeout]))
      return outcomeOf(response, secrets, clock.now())
    } catch (error) {
      signal.throwIfAborted()
      return obstacle(error, timeout.aborted, limits)
    }
  }
}

async function createDispatcher({ proxies }: NotificationSettings, limits: SendLimits): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici')
  // An empty text: undici would otherwise look into the environment of the process by itself.
  return new EnvHttpProxyAgent({
    httpProxy: proxies.http?.reveal() ?? '',
    httpsProxy: proxies.https?.reveal() ?? '',
    noProxy: proxies.except ?? '',
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.wholeMs,
    bodyTimeout: limits.wholeMs,
    // A socket that is kept open would keep the process of a CronJob alive.
    pipelining: 0,
  })
}

async function exchange(dispatcher: Dispatcher, post: HttpPost, signal: AbortSignal): Promise<HttpResponse> {
  const { request } = await import('undici')
  const { statusCode, headers, body } = await request(post.url.reveal(), {
    dispatcher,
    signal,
    method: 'POST',
    headers: { 'content-type': post.contentType },
    body: post.body,
  })
  const text = await beginningOf(body)
  const retryAfter = headers['retry-after']
  return { status: statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : null, body: text }
}

/** The rest is not read: whoever answers with gigabytes is cut off. */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= LONGEST_BODY) break
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, LONGEST_BODY)
}

/** In our own words, because those of a library quote addresses. */
function obstacle(error: unknown, timedOut: boolean, { wholeMs }: SendLimits): TellOutcome {
  const code = codeOf(error) || (error instanceof AggregateError ? codeOf(error.errors[0]) : '')
  const words = timedOut ? `no answer within ${wholeMs / 1000} seconds` : (OBSTACLES[code] ?? 'the exchange failed')
  const detail = timedOut || code === '' ? words : `${words} (${code})`
  return { result: 'not-now', detail, retryAfterMs: null }
}

const OBSTACLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at that address',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host could not be looked up',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'no connection within the time allowed',
  UND_ERR_HEADERS_TIMEOUT: 'no answer within the time allowed',
  UND_ERR_BODY_TIMEOUT: 'half an answer within the time allowed',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself; NODE_EXTRA_CA_CERTS can name its authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is of an unknown authority; NODE_EXTRA_CA_CERTS can name it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is of an unknown authority; NODE_EXTRA_CA_CERTS can name it',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
}
