import { createHash } from 'node:crypto'
import { Secret } from '../config/secret.ts'
import type { Sender } from './http-post.ts'
import type { Notice } from './notice.ts'
import type { Notifier } from './notifier.ts'
import { plainText } from './wording/message.ts'

const LONGEST_BODY = 10_000

/** Tells a dead-man's switch (healthchecks.io and those that speak as it does) that backup runs begin and end. */
export function createHealthcheck(url: Secret, send: Sender): Notifier {
  return {
    channel: 'healthcheck',
    kind: 'ping',
    async tell(notice, signal) {
      if (notice.kind !== 'ping') return { result: 'refused', detail: `a ${notice.kind} is no ping` }
      const body = plainText(notice.message, LONGEST_BODY)
      return await send({ url: pingUrl(url, notice), contentType: 'text/plain; charset=utf-8', body }, signal)
    },
  }
}

/** `<url>/start`, `<url>` or `<url>/fail`, with the run as `rid`, so that start and end are known to belong together. */
export function pingUrl(
  base: Secret,
  notice: Pick<Extract<Notice, { readonly kind: 'ping' }>, 'state' | 'runId'>,
): Secret {
  const url = new URL(base.reveal())
  if (notice.state !== 'success') url.pathname = `${url.pathname.replace(/\/$/, '')}/${notice.state}`
  url.searchParams.set('rid', uuidOf(notice.runId))
  return new Secret(url.href)
}

/** `rid` must be a UUID: version 8 of RFC 9562 leaves its bits to us. */
function uuidOf(runId: string): string {
  const hex = createHash('sha256').update(runId).digest('hex')
  const variant = '89ab'[Number.parseInt(hex.slice(16, 17), 16) % 4]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
