import type { Configuration } from '../config/configuration.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

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
