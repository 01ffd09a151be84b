import type { DatabaseTarget } from '../../src/config/database-target.ts'
import type { ClientTools } from '../../src/sources/postgres/client-tools/client-tools.ts'
import { type Dump, type DumpOptions, startDump } from '../../src/sources/postgres/client-tools/dump.ts'
import { systemClock } from '../../src/system/clock.ts'
import type { PostgresServer } from './postgres-server.ts'

/** The client tools that belong to a test's server. */
export function toolsOf(server: PostgresServer): ClientTools {
  const { binFolder } = server
  return {
    version: `${server.majorVersion}.0`,
    major: server.majorVersion,
    pgDump: `${binFolder}/pg_dump`,
    pgDumpall: `${binFolder}/pg_dumpall`,
  }
}

/** Starts a dump with the options that tests seldom care about. */
export function dumpOf(
  server: PostgresServer,
  target: DatabaseTarget,
  options: Partial<DumpOptions> & { signal?: AbortSignal } = {},
): Dump {
  const { signal, ...rest } = options
  const defaults = {
    tools: toolsOf(server),
    env: {},
    applicationName: 'backup-test',
    clientEncoding: 'UTF8',
    tableLockWaitMs: 10_000,
    clock: systemClock,
  }
  return startDump(target, { ...defaults, ...rest }, signal ?? new AbortController().signal)
}

/** Reads a dump to its end; throws what its stream throws. */
export async function textOf(dump: Dump): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of dump.stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
