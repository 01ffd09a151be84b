import type { NotificationSettings } from '../config/notification-settings.ts'
import { logLinesOf } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { isoWithOffset } from '../system/time-zone.ts'
import { type ChannelQueue, createChannelQueue } from './channel-queue.ts'
import { createChat } from './chat.ts'
import { noticesOf } from './decide-notices.ts'
import { type Delivery, type DeliveryCounters, sumOfCounters } from './delivery.ts'
import { createCallRecord } from './edge/call-record.ts'
import { createHttpSender, type SendLimits } from './edge/http-sender.ts'
import { openOutbox } from './edge/outbox.ts'
import { createHealthcheck } from './healthcheck.ts'
import type { Sender } from './http-post.ts'
import type { Notice } from './notice.ts'
import type { Notifier } from './notifier.ts'
import type { Occurrence } from './occurrence.ts'
import { createPagerDuty } from './pagerduty.ts'
import { createPendingNotices, type PendingLimits } from './pending-notices.ts'
import { type Rate, withRateLimit } from './rate-limit.ts'
import { type RetryPolicy, withRetries } from './retry.ts'
import { createUrgentResults } from './urgent-results.ts'

/** Tells people and machines what happened. Nothing about it can delay or fail a backup. */
export interface Notifications {
  /** Returns at once and never throws. */
  tell(occurrence: Occurrence): void
  /**
   * Waits, for half a minute at most, until all is told or will not be told now. What is left waits on the volume for the
   * next run. Before a process ends it has to call this; a service calls it at its end only, because it also ends the
   * tries in the background. It may tell again afterwards. Never rejects.
   */
  settle(signal: AbortSignal): Promise<readonly Delivery[]>
  counters(): DeliveryCounters
}

export interface NotificationsInput {
  readonly settings: NotificationSettings
  readonly backupDir: string
  readonly timeZone: string
  readonly clock: Clock
  readonly log: Log
  readonly limits?: NotificationLimits
}

/** Every figure that bounds telling; tests have their own. */
export interface NotificationLimits {
  readonly send: SendLimits
  readonly retries: RetryPolicy
  readonly chatRate: Rate
  readonly pending: PendingLimits
  /** Before a channel that could not be reached is tried again, while the process lives; the last one for all further tries. */
  readonly unreachableWaitsMs: readonly number[]
  readonly settleMs: number
}

const MINUTE = 60_000

export const USUAL_LIMITS: NotificationLimits = {
  send: { connectMs: 5_000, wholeMs: 10_000 },
  retries: { waitsMs: [1_000, 3_000], longestWaitMs: MINUTE },
  // Rocket.Chat allows ten a minute, and a person may use the same webhook.
  chatRate: { calls: 8, perMs: MINUTE },
  pending: { longestAgeMs: 3 * 24 * 60 * MINUTE, mostNotices: 100, adoptAfterMs: MINUTE },
  unreachableWaitsMs: [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE],
  settleMs: MINUTE / 2,
}

/** Makes every configured channel; opens no file and no connection before something is told. */
export function createNotifications(input: NotificationsInput): Notifications {
  const { clock, log, settings, timeZone, limits = USUAL_LIMITS } = input
  const send = createHttpSender(settings, limits.send, clock)
  const channels = configuredNotifiers(settings, send).map(notifier => ({
    kind: notifier.kind,
    queue: createQueue(notifier, input, limits),
  }))
  const dispatch = (notices: readonly Notice[]): void => {
    for (const { kind, queue } of channels) {
      for (const notice of notices) if (notice.kind === kind) queue.add(notice)
      queue.wake()
    }
  }
  const at = (): string => isoWithOffset(clock.now(), timeZone)
  const urgent = createUrgentResults(message => dispatch([{ kind: 'message', at: at(), message }]), clock)
  const handle = (occurrence: Occurrence): void => {
    urgent.see(occurrence)
    if (occurrence.type === 'database-finished') return
    dispatch(noticesOf(occurrence, { notifyOn: settings.notifyOn, at: at() }))
  }
  return {
    tell(occurrence) {
      if (channels.length === 0) return
      try {
        handle(occurrence)
      } catch (error) {
        log.error('notification-bug', { lines: logLinesOf(error) })
      }
    },
    async settle(signal) {
      urgent.flush()
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(limits.settleMs)])
      return (await Promise.all(channels.map(({ queue }) => queue.settle(bounded)))).flat()
    },
    counters: () => sumOfCounters(channels.map(({ queue }) => queue.counters())),
  }
}

/** Every way of telling that is configured. A new one is added here. */
function configuredNotifiers(settings: NotificationSettings, send: Sender): readonly Notifier[] {
  const { webhook, pagerDuty, healthcheckUrl } = settings
  return [
    ...(webhook === null ? [] : [createChat(webhook, settings, send)]),
    ...(pagerDuty === null ? [] : [createPagerDuty(pagerDuty, settings, send)]),
    ...(healthcheckUrl === null ? [] : [createHealthcheck(healthcheckUrl, send)]),
  ]
}

function createQueue(
  notifier: Notifier,
  { backupDir, clock, log }: NotificationsInput,
  limits: NotificationLimits,
): ChannelQueue {
  const record = createCallRecord(backupDir, `.backup/outbox/${notifier.channel}.calls`)
  const limited =
    notifier.channel === 'chat' ? withRateLimit(notifier, { rate: limits.chatRate, record }, clock) : notifier
  const outbox = openOutbox(backupDir, notifier.channel)
  const pending = createPendingNotices({ outbox, clock, log, limits: limits.pending })
  return createChannelQueue(withRetries(limited, limits.retries, clock), {
    pending,
    clock,
    log,
    waitsMs: limits.unreachableWaitsMs,
  })
}
