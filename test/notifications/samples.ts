import type { NotificationSettings } from '../../src/config/notification-settings.ts'
import { Secret } from '../../src/config/secret.ts'
import type { Failure } from '../../src/errors.ts'
import type { DatabaseOutcome, RunReport, VerificationOutcome } from '../../src/events.ts'
import type { Message } from '../../src/notifications/wording/message.ts'
import type { Log } from '../../src/system/log.ts'

const REFUSED: Failure = {
  kind: 'authentication',
  message: 'wallet-db/tob: the server refused the password of reader; expected one that it accepts',
  hint: 'check WALLET_DB_PASSWORD',
  sqlstate: '28P01',
  object: null,
}

export function goodBackup(database: string, storedBytes = 279_000_000): DatabaseOutcome {
  return {
    result: 'backed-up',
    database,
    archive: 'daily/2026-11-20/a.sql.gz',
    rawBytes: 2 * storedBytes,
    storedBytes,
    previousBytes: 275_000_000,
    counts: [
      { what: 'tables', count: 12 },
      { what: 'rows', count: 20_000 },
    ],
    seconds: 9.1,
    warnings: [],
    removed: [],
    pruneFailure: null,
    copies: [],
  }
}

export function badBackup(database: string, failure: Partial<Failure> = {}): DatabaseOutcome {
  return { result: 'failed', database, seconds: 1.2, failure: { ...REFUSED, ...failure } }
}

export function verification(
  database: string,
  verdict: VerificationOutcome['verdict'],
  more: Partial<VerificationOutcome> = {},
): VerificationOutcome {
  const comesBack = verdict === 'proved' ? 'held' : verdict === 'failed' ? 'broken' : 'unknown'
  return {
    database,
    archive: 'daily/2026-11-20/a.sql.gz',
    from: 'volume',
    takenAt: '2026-11-20T01:00:00-07:00',
    verdict,
    facts: { isWhatWasDumped: 'held', loads: 'held', comesBack },
    reasons: [],
    notes: [],
    counts: [
      { what: 'tables', count: 12 },
      { what: 'rows', count: 20_000 },
    ],
    seconds: 31,
    restoreSeconds: 20,
    ...more,
  }
}

const FACTS = {
  runId: '20261120T080000Z-abc123',
  trigger: 'schedule',
  startedAt: '2026-11-20T01:00:00-07:00',
  finishedAt: '2026-11-20T01:00:12-07:00',
  seconds: 12.3,
  interrupted: false,
  problems: [],
} as const

export type BackupReport = Extract<RunReport, { readonly mode: 'backup' }>
export type VerifyReport = Extract<RunReport, { readonly mode: 'verify' }>

export function backupRun(outcomes: readonly DatabaseOutcome[], more: Partial<BackupReport> = {}): BackupReport {
  const failed = outcomes.filter(outcome => outcome.result === 'failed').length
  const exitCode = failed === 0 ? 0 : failed === outcomes.length ? 1 : 3
  return { ...FACTS, mode: 'backup', exitCode, outcomes, ...more }
}

export function verifyRun(outcomes: readonly VerificationOutcome[]): VerifyReport {
  const verdicts = outcomes.map(outcome => outcome.verdict)
  const exitCode = verdicts.includes('failed') ? 4 : verdicts.includes('could-not-verify') ? 5 : 0
  return { ...FACTS, mode: 'verify', exitCode, outcomes }
}

export function settings(more: Partial<NotificationSettings> = {}): NotificationSettings {
  return {
    webhook: null,
    pagerDuty: null,
    healthcheckUrl: null,
    notifyOn: 'all',
    consoleUrl: null,
    environmentName: 'a1b2c3-prod',
    environmentFriendlyName: 'Wallet (production)',
    proxies: { http: null, https: null, except: null },
    ...more,
  }
}

export function webhook(url: string, format: 'form' | 'json' = 'form'): NonNullable<NotificationSettings['webhook']> {
  return { url: new Secret(url), format }
}

export function textMessage(title: string, lines: readonly string[] = []): Message {
  return { level: 'INFO', title: [title], lines: lines.map(line => [line]) }
}

/** A log that keeps everything that it is given, as text. */
export function keptLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = []
  const keep =
    (level: string) =>
    (event: string, fields: unknown = {}): void => {
      lines.push(`${level} ${event} ${JSON.stringify(fields)}`)
    }
  return { log: { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }, lines }
}
