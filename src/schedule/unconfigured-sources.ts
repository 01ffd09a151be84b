import type { CronLine } from '../config/cron-line.ts'
import { namedSources } from '../config/named-sources.ts'
import type { Problem } from '../config/problem.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import { namedBy, scheduledCommand } from './scheduled-command.ts'

/**
 * A problem for each line whose command names a database that is not configured: its run will do nothing. A proof needs
 * archives only, and where there are none of that name it says so: a warning.
 */
export function unconfiguredSources(
  lines: readonly CronLine[],
  databases: readonly NamedDatabase[],
): readonly Problem[] {
  return lines.flatMap((line): readonly Problem[] => {
    const read = scheduledCommand(line.command)
    const specs = 'fault' in read ? [] : namedBy(read.command)
    const named = namedSources(specs, databases, { place: '-s', whole: true })
    if ('fault' in read || !('fault' in named)) return []
    const severity = read.command.mode === 'verify' ? 'warning' : 'problem'
    return [{ severity, place: line.place, text: named.fault, hint: named.hint }]
  })
}
