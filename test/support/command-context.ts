import type { Context } from '../../src/commands/context.ts'
import type { Problem } from '../../src/config/problem.ts'
import { Secret } from '../../src/config/secret.ts'
import { databaseId } from '../../src/config/source-id.ts'
import { systemClock } from '../../src/system/clock.ts'

/** What a command is given in a test: databases by their stems `<host>-<database>`, a fixed time, and all that it prints. */
export function commandContext(
  backupDir: string,
  stems: readonly string[],
  problems: readonly Problem[] = [],
  given: { readonly isTerminal?: boolean; readonly keep?: null } = {},
): { readonly context: Context; readonly printed: readonly string[] } {
  const printed: string[] = []
  const context: Context = {
    configuration: {
      settings: {
        strategy: 'rolling',
        backupDir,
        volumeShared: null,
        verificationDir: '/var/lib/pgsql/data',
        keep: given.keep === null ? null : { daily: 2, weekly: 1, monthly: 1, yearly: 0, all: 3 },
        alarm: { rows: 0.33, size: 0.33 },
        timeZone: 'America/Vancouver',
        concurrency: 1,
        concurrencyPerHost: 1,
        lockWaitMs: 0,
        tableLockWaitMs: 0,
        dumpTimeoutMs: 0,
        dumpRetries: 0,
        stallTimeoutMs: 0,
        serverTimeoutMs: 60_000,
        logLevel: 'error',
        environmentName: null,
        backupPeriodMs: 86_400_000,
        runMissed: false,
        shutdownGraceMs: 0,
        httpPort: 0,
        shard: null,
        hooksDir: null,
        hookTimeoutMs: 1000,
        destinations: [],
        wantedCopies: [],
      },
      notifications: {
        webhook: null,
        pagerDuty: null,
        healthcheckUrl: null,
        notifyOn: 'all',
        consoleUrl: null,
        environmentName: null,
        environmentFriendlyName: null,
        proxies: { http: null, https: null, except: null },
      },
      ...databasesOf(stems),
      servers: [],
      found: { servers: [], notTaken: [] },
      databasesFrom: 'backup.conf',
      cronLines: [],
      problems,
      origins: [],
    },
    env: {},
    clock: { ...systemClock, now: () => new Date('2026-11-20T12:00:00Z') },
    screen: {
      isTerminal: given.isTerminal ?? false,
      width: 80,
      print: lines => void printed.push([lines].flat().join('\n')),
      printJson: value => void printed.push(JSON.stringify(value, null, 2)),
      live() {},
      aside: write => write(),
    },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    runId: 'run-1',
    occasion: { trigger: 'command', schedule: null },
    notifications: {
      tell() {},
      renew() {},
      settle: async () => [],
      counters: () => ({ delivered: 0, failed: 0, queued: 0 }),
    },
  }
  return { context, printed }
}

function databasesOf(stems: readonly string[]): Pick<Context['configuration'], 'targets' | 'databases'> {
  const databases = stems.map(stem => {
    const [, host = '', database = ''] = /^(.*)-([^-]*)$/s.exec(stem) ?? []
    const tls = { mode: 'prefer' as const }
    const target = { host, port: 5432, database, user: 'reader', password: new Secret('secret'), tls }
    return {
      place: 'backup.conf:1',
      host,
      port: 5432,
      database,
      id: databaseId({ host, port: 5432, database }),
      userFrom: null,
      passwordFrom: null,
      tlsFrom: null,
      target,
    }
  })
  return { databases, targets: databases.map(each => each.target) }
}
