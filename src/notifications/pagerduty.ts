import type { NotificationSettings } from '../config/notification-settings.ts'
import type { HttpPost, Sender } from './http-post.ts'
import type { Notice } from './notice.ts'
import type { Notifier } from './notifier.ts'
import { type Level, plainLine, plainText } from './wording/message.ts'

/** Opens and closes incidents at PagerDuty, or at anything that speaks its events API. */
export function createPagerDuty(
  service: NonNullable<NotificationSettings['pagerDuty']>,
  settings: NotificationSettings,
  send: Sender,
): Notifier {
  return {
    channel: 'pagerduty',
    kind: 'alert',
    async tell(notice, signal) {
      if (notice.kind !== 'alert') return { result: 'refused', detail: `a ${notice.kind} is no alert` }
      return await send({ url: service.url, ...pagerDutyBody(notice, service, settings) }, signal)
    },
  }
}

/** Limits of PagerDuty's events API, version 2: summary 1024 characters; version 1 has the same for its description. */
const LONGEST_SUMMARY = 1024
const LONGEST_DETAILS = 8_000

const SEVERITIES: Readonly<Record<Level, string>> = { INFO: 'info', WARN: 'warning', ERROR: 'error' }

/** An event of the version that the address names: with `/v2/` in its path 2, else 1. */
export function pagerDutyBody(
  notice: Extract<Notice, { readonly kind: 'alert' }>,
  service: NonNullable<NotificationSettings['pagerDuty']>,
  names: Pick<NotificationSettings, 'environmentName' | 'environmentFriendlyName' | 'consoleUrl'>,
): Omit<HttpPost, 'url'> {
  const key = `backup-container/${names.environmentName ?? ''}/${notice.subject}`.slice(0, 255)
  const source = names.environmentFriendlyName ?? names.environmentName ?? 'backup-container'
  const summary = `${source}: ${plainLine(notice.message.title)}`.slice(0, LONGEST_SUMMARY).toWellFormed()
  const event = { key, source, summary, details: plainText(notice.message, LONGEST_DETAILS), link: names.consoleUrl }
  const isSecond = new URL(service.url.reveal()).pathname.includes('/v2/')
  const json = isSecond ? second(notice, event, service) : first(notice, event, service)
  return { contentType: 'application/json', body: JSON.stringify(json) }
}

interface Event {
  readonly key: string
  readonly source: string
  readonly summary: string
  readonly details: string
  readonly link: string | null
}

type Alert = Extract<Notice, { readonly kind: 'alert' }>
type Service = NonNullable<NotificationSettings['pagerDuty']>

function first({ action }: Alert, event: Event, service: Service): unknown {
  return {
    service_key: service.serviceKey.reveal(),
    event_type: action,
    incident_key: event.key,
    description: event.summary,
    client: event.source,
    ...(event.link === null ? {} : { client_url: event.link }),
    details: { message: event.details },
  }
}

function second({ action, at, message }: Alert, event: Event, service: Service): unknown {
  const identity = { routing_key: service.serviceKey.reveal(), event_action: action, dedup_key: event.key }
  if (action === 'resolve') return identity
  return {
    ...identity,
    payload: {
      summary: event.summary,
      source: event.source,
      severity: SEVERITIES[message.level === 'INFO' ? 'WARN' : message.level],
      timestamp: at,
      component: 'backup',
      custom_details: { message: event.details },
    },
    ...(event.link === null ? {} : { links: [{ href: event.link, text: 'console' }] }),
  }
}
