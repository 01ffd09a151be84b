import type { CronLine } from '../config/cron-line.ts'
import { namedSources } from '../config/named-sources.ts'
import type { Problem } from '../config/problem.ts'
import { isCovered, type WholeServer } from '../config/server-line.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import { parseSpecArgument, saysPort } from '../config/spec-argument.ts'
import { namedBy, scheduledCommand } from './scheduled-command.ts'

/**
 * A problem for each line whose command names a database that is not configured: its run will do nothing. A proof needs
 * archives only, and where there are none of that name it says so: a warning. What a server may have is looked up later.
 */
export function unconfiguredSources(
  lines: readonly CronLine[],
  { databases, servers }: { readonly databases: readonly NamedDatabase[]; readonly servers: readonly WholeServer[] },
): readonly Problem[] {
  return lines.flatMap((line): readonly Problem[] => {
    const read = scheduledCommand(line.command)
    const specs = 'fault' in read ? [] : namedBy(read.command)
    const named = namedSources(
      specs.filter(spec => !mayBeFound(spec, servers)),
      databases,
      { place: '-s', whole: true },
    )
    if ('fault' in read || !('fault' in named)) return []
    const severity = read.command.mode === 'verify' ? 'warning' : 'problem'
    return [{ severity, place: line.place, text: named.fault, hint: named.hint }]
  })
}

function mayBeFound(text: string, servers: readonly WholeServer[]): boolean {
  const read = parseSpecArgument(text)
  if (!('spec' in read)) return false
  return servers.some(server => isCovered(server, saysPort(text) ? read.spec : { ...read.spec, port: server.port }))
}
