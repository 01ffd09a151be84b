import type { DatabaseStatus, ServiceStatus } from '../../src/status/service-status.ts'

/** A database that was backed up and proved. */
export function databaseStatus(given: Partial<DatabaseStatus> = {}): DatabaseStatus {
  return {
    database: 'wallet-db/tob',
    state: 'on-time',
    since: null,
    archives: { daily: 6, weekly: 4, monthly: 1, yearly: 0, other: 0 },
    storedBytes: 1100,
    lastSuccess: {
      startedAt: '2026-11-20T01:00:00-07:00',
      finishedAt: '2026-11-20T01:00:09-07:00',
      storedBytes: 100,
      rawBytes: 1000,
    },
    lastProved: { archiveAt: '2026-11-20T01:00:00-07:00', provedAt: '2026-11-20T04:00:00-07:00' },
    lastVerification: { at: '2026-11-20T04:00:00-07:00', verdict: 'proved' },
    copies: [],
    lastRun: { finishedAt: '2026-11-20T01:00:09-07:00', result: 'backed-up', seconds: 9, reason: null },
    kept: null,
    ...given,
  }
}

/** A service with nothing to complain of. */
export function serviceStatus(given: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    version: '0.1.0',
    mode: 'cron',
    startedAt: '2026-11-20T00:00:00-07:00',
    configuration: { sha256: 'ab', loadedAt: '2026-11-20T00:00:00-07:00', problems: [], refused: null },
    schedules: [],
    running: null,
    waiting: [],
    runs: { finished: 1, failed: 0, missed: 0 },
    databases: [databaseStatus()],
    servers: [],
    volume: { writable: true, totalBytes: 1_000_000, freeBytes: 500_000 },
    notifications: { delivered: 0, failed: 0, queued: 0 },
    residentBytes: 70_000_000,
    ...given,
  }
}
