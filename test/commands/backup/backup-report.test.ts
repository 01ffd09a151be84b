import { describe, expect, test } from 'vitest'
import { createReporter } from '../../../src/commands/backup/backup-report.ts'
import type { Context } from '../../../src/commands/context.ts'
import type { DatabaseOutcome, RunFacts } from '../../../src/events.ts'
import type { Log } from '../../../src/system/log.ts'
import { commandContext } from '../../support/command-context.ts'

const failure = {
  kind: 'server',
  message: 'db/bad: pg_dump: gone',
  hint: 'look at it',
  sqlstate: '57P01',
  object: null,
} as const
const good: DatabaseOutcome = {
  result: 'backed-up',
  database: 'db/good',
  archive: 'daily/2026-11-20/db-good_2026-11-20_04-00-00.sql.gz',
  rawBytes: 659_000_000,
  storedBytes: 279_000_000,
  previousBytes: 250_000_000,
  counts: [{ what: 'rows', count: 7 }],
  seconds: 4.4,
  warnings: [],
  removed: [],
  pruneFailure: null,
  copies: [],
}
const bad: DatabaseOutcome = { result: 'failed', database: 'db/bad', seconds: 61, failure }
const FACTS: RunFacts = {
  runId: 'run-1',
  trigger: 'command',
  startedAt: '2026-11-20T03:59:00-07:00',
  finishedAt: '2026-11-20T05:00:00-07:00',
  seconds: 0,
  exitCode: 3,
  interrupted: false,
  problems: [],
}

describe('what a person reads', () => {
  test('is a line for each thing that happened, and how the run ended', () => {
    const { reporter, printed } = reporting()

    reporter.report({ type: 'database-started', database: 'db/good' })
    reporter.report({ type: 'leftovers-removed', database: 'db/good', files: ['daily/x.in_progress'] })
    reporter.report({ type: 'database-warning', database: 'db/good', text: 'no tables' })
    reporter.report({ type: 'database-retried', database: 'db/good', failure, waitSeconds: 60 })
    reporter.report({ type: 'database-finished', outcome: { ...good, removed: ['daily/old.sql.gz'] } })
    reporter.report({ type: 'database-finished', outcome: bad })
    reporter.finish({ outcomes: [good, bad], destinations: [] }, FACTS)

    expect(printed).toEqual([
      'started    db/good',
      'swept      db/good: daily/x.in_progress of a run that did not finish',
      'warning    db/good: no tables',
      'retrying   db/good in 1 min 00 s: db/bad: pg_dump: gone (SQLSTATE 57P01); look at it',
      `backed up  db/good: 279 MB from 659 MB in 4.4 s -> ${good.archive}\npruned     db/good: daily/old.sql.gz`,
      'FAILED     db/bad: pg_dump: gone (SQLSTATE 57P01); look at it',
      expect.stringMatching(/^1 of 2 backed up, 1 failed, in 0\.0 s$/),
    ])
  })

  test('on a terminal ends with a table of all databases', () => {
    const { reporter, printed } = reporting({ isTerminal: true })

    reporter.finish({ outcomes: [good, bad], destinations: [] }, FACTS)

    expect(printed[0]).toMatch(/DATABASE +RESULT +SIZE +CHANGE +TIME/)
    expect(printed[0]).toMatch(/db\/good +backed up +279 MB +\+12 % +4\.4 s/)
    expect(printed[0]).toMatch(/db\/bad +FAILED +1 min 01 s/)
  })

  test('names a backup that is good although pruning after it failed', () => {
    const { reporter, printed } = reporting()

    reporter.report({
      type: 'database-finished',
      outcome: { ...good, pruneFailure: { ...failure, message: '/backups: EIO' } },
    })

    expect(printed.join('\n')).toMatch(/^backed up .*\nNOT PRUNED db\/good: \/backups: EIO/)
  })

  test('FM88 says the problems of the configuration last', () => {
    const { reporter, printed } = reporting()

    reporter.finish({ outcomes: [], destinations: [] }, { ...FACTS, problems: ['backup.conf:3: no host'] })

    expect(printed).toEqual([
      'no database was backed up: the configuration has no valid one, or none in this shard',
      'problem    backup.conf:3: no host',
    ])
  })
})

describe('what a program reads with --json', () => {
  test('is one document and nothing else', () => {
    const { reporter, printed } = reporting({ json: true })

    reporter.report({ type: 'database-started', database: 'db/good' })
    reporter.report({ type: 'database-finished', outcome: good })
    reporter.finish({ outcomes: [good, bad], destinations: [] }, FACTS)

    expect(printed).toHaveLength(1)
    expect(JSON.parse(printed[0] ?? '')).toEqual({
      runId: 'run-1',
      startedAt: '2026-11-20T03:59:00-07:00',
      finishedAt: '2026-11-20T05:00:00-07:00',
      exitCode: 3,
      databases: [{ ...good, counts: undefined, rows: 7 }, bad],
      destinations: [],
      problems: [],
    })
  })
})

describe('what stands in the log', () => {
  test('is every event but progress, at the level that it deserves', () => {
    const { reporter, logged } = reporting()

    reporter.report({ type: 'run-started', databases: 2 })
    reporter.report({ type: 'database-progress', database: 'db/good', rawBytes: 1, previousRawBytes: null, seconds: 1 })
    reporter.report({ type: 'database-warning', database: 'db/good', text: 'x' })
    reporter.report({ type: 'database-finished', outcome: good })
    reporter.report({ type: 'database-finished', outcome: bad })
    reporter.finish({ outcomes: [good, bad], destinations: [] }, FACTS)

    expect(logged).toEqual([
      'info run-started',
      'warn database-warning',
      'info database-backed-up',
      'error database-failed',
      'info run-finished',
    ])
  })
})

function reporting(given: { readonly json?: boolean; readonly isTerminal?: boolean } = {}) {
  const logged: string[] = []
  const { context, printed } = commandContext('/backups', [], [], given)
  const options = { json: given.json ?? false }
  const reporter = createReporter({ ...context, log: logInto(logged) } satisfies Context, options)
  return { reporter, printed, logged }
}

function logInto(lines: string[]): Log {
  const at =
    (level: string) =>
    (event: string): void =>
      void lines.push(`${level} ${event}`)
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
