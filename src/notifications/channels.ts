import type { NotificationSettings } from '../config/notification-settings.ts'
import { createChat } from './chat.ts'
import { createHealthcheck } from './healthcheck.ts'
import type { Sender } from './http-post.ts'
import type { Notifier } from './notifier.ts'
import { createPagerDuty } from './pagerduty.ts'

/** Every way of telling that is configured. A new one is added here. */
export function configuredNotifiers(settings: NotificationSettings, send: Sender): readonly Notifier[] {
  const { webhook, pagerDuty, healthcheckUrl } = settings
  return [
    ...(webhook === null ? [] : [createChat(webhook, settings, send)]),
    ...(pagerDuty === null ? [] : [createPagerDuty(pagerDuty, settings, send)]),
    ...(healthcheckUrl === null ? [] : [createHealthcheck(healthcheckUrl, send)]),
  ]
}
