import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import type { SourceContext } from '../../source-context.ts'
import type { ClientTools } from '../client-tools/client-tools.ts'
import { type RolesReading, readRoles } from '../roles/read-server-roles.ts'

export type RolesReader = (target: DatabaseTarget, tools: ClientTools, signal: AbortSignal) => Promise<RolesReading>

/** Reads the roles of each server once for all of its databases in this run; a reading that failed is tried again. */
export function createRolesReader(
  context: Pick<SourceContext, 'env' | 'runId' | 'configuration' | 'log'>,
): RolesReader {
  const readings = new Map<string, Promise<RolesReading>>()
  return (target, tools, signal) => {
    const server = `${target.host}:${target.port} as ${target.user}`
    const known = readings.get(server)
    if (known !== undefined) return known
    const options = {
      tools,
      env: context.env,
      applicationName: `backup-container ${context.runId} roles`,
      timeoutMs: context.configuration.settings.dumpTimeoutMs,
      onStderr: (line: string) => context.log.warn('pg_dumpall', { database: targetName(target), line }),
    }
    const reading = readRoles(target, options, signal)
    readings.set(server, reading)
    reading.catch(() => readings.delete(server))
    return reading
  }
}
