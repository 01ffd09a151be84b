import type { NotificationSettings } from '../config/notification-settings.ts'
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

/** Notifications whose code is loaded when something is told for the first time: most commands never do. */
export function createLazyNotifications(input: NotificationsInput): Notifications {
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
