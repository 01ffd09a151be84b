import type { RunReport } from '../events.ts'
import type { SourceContext } from '../sources/source-context.ts'
import type { Screen } from '../terminal/screen.ts'
import type { RenewableNotifications } from './lazy-notifications.ts'

/** What every command is given; made once at the start, and by tests with parts of their own. */
export interface Context extends SourceContext {
  readonly screen: Screen
  /** Word to people and machines elsewhere. Whoever made the context settles it before the process ends. */
  readonly notifications: RenewableNotifications
  /** Why this run takes place. `schedule` is the key of the schedule that started it. */
  readonly occasion: { readonly trigger: RunReport['trigger']; readonly schedule: string | null }
}
