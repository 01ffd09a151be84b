import type { Clock } from '../system/clock.ts'
import { type DatabaseNews, newsOfResult } from './database-news.ts'
import type { Occurrence } from './occurrence.ts'
import { type PastResults, pastResultsIn } from './past-results.ts'
import { createUrgentGroup, type UrgentGroup } from './urgent-group.ts'
import type { Message } from './wording/message.ts'
import { urgentMessage } from './wording/urgent-message.ts'

/** Tells new failures and recoveries while their run goes on. */
export interface UrgentResults {
  /** Gathers results of runs that go on; at a run's end its digest takes over what was not told yet. */
  see(occurrence: Occurrence): void
  /** Tells at once what was gathered. */
  flush(): void
}

interface GoingOn {
  readonly past: (database: string) => PastResults
  readonly group: UrgentGroup
}

/** `say` is called for every group, between 10 seconds and 5 minutes after its first result. */
export function createUrgentResults(say: (message: Message) => void, clock: Clock): UrgentResults {
  const runs = new Map<string, GoingOn>()
  return {
    see(occurrence) {
      if (occurrence.type === 'run-started') {
        const group = createUrgentGroup(urgent => say(urgentMessage(urgent)), clock)
        runs.set(occurrence.runId, { past: pastResultsIn(occurrence.history), group })
      }
      if (occurrence.type === 'database-finished') addResult(occurrence, runs.get(occurrence.runId))
      if (occurrence.type === 'run-finished') {
        runs.get(occurrence.report.runId)?.group.discard()
        runs.delete(occurrence.report.runId)
      }
    },
    flush() {
      for (const { group } of runs.values()) group.flush()
    },
  }
}

type Finished = Extract<Occurrence, { readonly type: 'database-finished' }>

/** Nothing is told of a run whose beginning nobody announced: its end will be. */
function addResult({ result }: Finished, run: GoingOn | undefined): void {
  if (run === undefined) return
  const news = newsOfResult(result, run.past(result.outcome.database))
  if (isUrgent(news)) run.group.add({ result, news })
}

/** Only what changed is urgent; a database that fails night after night stands in the digest. */
function isUrgent({ change }: DatabaseNews): boolean {
  return change === 'failure' || change === 'recovery' || change === 'alarm'
}
