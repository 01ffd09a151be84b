import type { Configuration } from '../config/configuration.ts'
import type { RunReport } from '../events.ts'
import type { Notifications } from '../notifications/notifications.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Screen } from '../terminal/screen.ts'

/** What a kind of source is given of a run. */
export interface SourceContext {
  readonly configuration: Configuration
  /** The environment as it is, for what children may inherit and for libpq's own variables. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: Log
  /** Stands in every log line, lock and application name of this run. */
  readonly runId: string
}

/** What every command is given; made once at the start, and by tests with parts of their own. */
export interface Context extends SourceContext {
  readonly screen: Screen
  /** Word to people and machines elsewhere. Whoever made the context settles it before the process ends. */
  readonly notifications: Notifications
  /** Why this run takes place. `schedule` is the key of the schedule that started it. */
  readonly occasion: { readonly trigger: RunReport['trigger']; readonly schedule: string | null }
}
