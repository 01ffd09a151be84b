import type { CronLine } from '../config/cron-line.ts'
import { namedSources } from '../config/named-sources.ts'
import type { Problem } from '../config/problem.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import { scheduledCommand } from './scheduled-command.ts'

/** A problem for each line whose command names a database that is not configured: its run will do nothing. */
export function unconfiguredSources(
  lines: readonly CronLine[],
  databases: readonly NamedDatabase[],
): readonly Problem[] {
  return lines.flatMap((line): readonly Problem[] => {
    const read = scheduledCommand(line.command)
    if ('fault' in read || read.command.mode !== 'backup') return []
    const named = namedSources(read.command.specs, databases)
    if (!('fault' in named)) return []
    return [{ severity: 'problem', place: line.place, text: named.fault, hint: named.hint }]
  })
}
