import type { RunReport } from '../events.ts'

/** What earlier backup runs knew of the databases of listed servers, by `host[:port]/database`. */
export interface DatabasesBefore {
  /** Those that the last run that could tell knew of. */
  readonly present: ReadonlySet<string>
  /** Those that have vanished, and not come back. */
  readonly vanished: ReadonlySet<string>
  /** Those of which it was told that nothing covers them. */
  readonly uncovered: ReadonlySet<string>
}

/** Put together from the history, oldest run first: so a run that could not tell forgets nothing. */
export function databasesBefore(history: readonly RunReport[]): DatabasesBefore {
  const present = new Set<string>()
  const vanished = new Set<string>()
  const uncovered = new Set<string>()
  for (const report of history) {
    if (report.mode !== 'backup') continue
    for (const { database } of report.outcomes) {
      present.add(database)
      vanished.delete(database)
      uncovered.delete(database)
    }
    for (const news of listOf(report.servers)) {
      for (const name of namesOf(news, 'vanished')) {
        present.delete(name)
        vanished.add(name)
      }
      for (const field of ['uncovered', 'stillUncovered'] as const)
        for (const name of namesOf(news, field)) uncovered.add(name)
    }
  }
  return { present, vanished, uncovered }
}

/** A line of the history may be anybody's, and no backup fails of it. */
function namesOf(news: unknown, field: 'vanished' | 'uncovered' | 'stillUncovered'): readonly string[] {
  const names = typeof news === 'object' && news !== null && field in news ? listOf(Reflect.get(news, field)) : []
  return names.filter(name => typeof name === 'string')
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
