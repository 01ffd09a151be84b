import type { NotificationSettings } from '../config/notification-settings.ts'
import { logLinesOf } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { isoWithOffset } from '../system/time-zone.ts'
import { type ChannelQueue, createChannelQueue } from './channel-queue.ts'
import { configuredNotifiers } from './channels.ts'
import { noticesOf } from './decide-notices.ts'
import type { Delivery, DeliveryCounters } from './delivery.ts'
import { createCallRecord } from './edge/call-record.ts'
import { createHttpSender } from './edge/http-sender.ts'
import { openOutbox } from './edge/outbox.ts'
import { type NotificationLimits, USUAL_LIMITS } from './limits.ts'
import type { Notice } from './notice.ts'
import type { Notifier } from './notifier.ts'
import type { Occurrence } from './occurrence.ts'
import { createPendingNotices } from './pending-notices.ts'
import { withRateLimit } from './rate-limit.ts'
import { withRetries } from './retry.ts'
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
    counters: () => sumOf(channels.map(({ queue }) => queue.counters())),
  }
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

function sumOf(counters: readonly DeliveryCounters[]): DeliveryCounters {
  const sum = (pick: (each: DeliveryCounters) => number): number =>
    counters.reduce((total, each) => total + pick(each), 0)
  return { delivered: sum(each => each.delivered), failed: sum(each => each.failed), queued: sum(each => each.queued) }
}
