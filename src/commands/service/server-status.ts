import type { FoundDatabases } from '../../config/found-databases.ts'
import type { ServerStatus } from '../../status/service-status.ts'

/** What the last look at the listed servers found. */
export function serverStatus({ servers }: FoundDatabases, lookedAt: string): readonly ServerStatus[] {
  return servers.map(({ server, names, uncovered, failure }) => {
    if (failure !== null) return { server, lookedAt, databases: null, uncovered: null, reason: failure.kind }
    return { server, lookedAt, databases: names.length, uncovered, reason: null }
  })
}
