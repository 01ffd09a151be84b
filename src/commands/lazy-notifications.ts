import { type NotificationSettings, tellsTheSame } from '../config/notification-settings.ts'
import { sumOfCounters } from '../notifications/delivery.ts'
import type { Notifications, NotificationsInput } from '../notifications/notifications.ts'

/** Whether any way of telling is configured. */
export function isAnyoneTold({ webhook, pagerDuty, healthcheckUrl }: NotificationSettings): boolean {
  return webhook !== null || pagerDuty !== null || healthcheckUrl !== null
}

/** For a configuration that tells nobody. */
const NOBODY: Notifications = {
  tell() {},
  settle: async () => [],
  counters: () => ({ delivered: 0, failed: 0, queued: 0 }),
}

/** Notifications whose addresses and keys can change while the process lives. */
export interface RenewableNotifications extends Notifications {
  /**
   * From now on tells by these settings, and nothing by the old ones: what they could not tell yet waits on the volume, for
   * the new ones to tell. Returns at once; nothing happens where both are the same.
   */
  renew(settings: NotificationSettings): void
}

/** Notifications whose code is loaded when something is told for the first time: most commands never do. */
export function createLazyNotifications(input: NotificationsInput): RenewableNotifications {
  let { settings } = input
  let current = loadedWhenTold(input)
  let past = NOBODY.counters()
  let leaving = Promise.resolve()
  const leave = async (old: Notifications): Promise<void> => {
    await old.settle(AbortSignal.abort())
    past = sumOfCounters([past, { ...old.counters(), queued: 0 }])
  }
  return {
    tell: occurrence => current.tell(occurrence),
    async settle(signal) {
      await leaving
      return await current.settle(signal)
    },
    counters: () => sumOfCounters([past, current.counters()]),
    renew(fresh) {
      if (tellsTheSame(settings, fresh)) return
      settings = fresh
      leaving = Promise.all([leaving, leave(current)]).then(() => {})
      current = loadedWhenTold({ ...input, settings })
    },
  }
}

function loadedWhenTold(input: NotificationsInput): Notifications {
  if (!isAnyoneTold(input.settings)) return NOBODY
  let loading: Promise<Notifications> | null = null
  let loaded: Notifications | null = null
  const load = async (): Promise<Notifications> => {
    const { createNotifications } = await import('../notifications/notifications.ts')
    loaded = createNotifications(input)
    return loaded
  }
  return {
    tell(occurrence) {
      loading ??= load()
      // In the order of the calls: those who wait for one promise are served in turn.
      void loading.then(notifications => notifications.tell(occurrence))
    },
    settle: async signal => (loading === null ? [] : (await loading).settle(signal)),
    counters: () => (loaded ?? NOBODY).counters(),
  }
}
