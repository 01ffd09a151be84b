import { describe, expect, test } from 'vitest'
import { closingLine, outcomeText, summaryTable } from '../../../src/commands/verify/verify-text.ts'
import type { VerificationOutcome } from '../../../src/events.ts'

const PROVED: VerificationOutcome = {
  database: 'wallet-db/tob',
  archive: 'daily/2026-11-20/wallet-db-tob_2026-11-20_01-00-00.sql.gz',
  from: 'volume',
  takenAt: '2026-11-20T01:00:00-07:00',
  verdict: 'proved',
  facts: { isWhatWasDumped: 'held', loads: 'held', comesBack: 'held' },
  reasons: [],
  notes: ['without: subscription news'],
  counts: [
    { what: 'tables', count: 2 },
    { what: 'rows', count: 22_000 },
  ],
  seconds: 3.2,
  restoreSeconds: 1.5,
}

const FAILED: VerificationOutcome = {
  ...PROVED,
  verdict: 'failed',
  facts: { isWhatWasDumped: 'broken', loads: 'held', comesBack: 'held' },
  reasons: [
    { kind: 'table', name: 'shop.customer', sqlstate: null, text: '19999 rows; expected 20000 rows' },
    { kind: 'server', name: 'x', sqlstate: '42P01', text: 'relation x is not there' },
  ],
  notes: [],
}

const NONE: VerificationOutcome = {
  ...PROVED,
  archive: null,
  takenAt: null,
  verdict: 'could-not-verify',
  facts: { isWhatWasDumped: 'unknown', loads: 'unknown', comesBack: 'unknown' },
  reasons: [{ kind: 'no-archive', name: null, sqlstate: null, text: 'no archive' }],
  notes: [],
  counts: [],
  restoreSeconds: null,
}

describe('FM72 what a person reads', () => {
  test('of a proof: the verdict, each fact, what to know, and how long a restore takes', () => {
    expect(outcomeText(PROVED)).toEqual([
      'proved     wallet-db/tob: 2 tables, 22000 rows, in 3.2 s -> daily/2026-11-20/wallet-db-tob_2026-11-20_01-00-00.sql.gz',
      '  yes      the archive is what was dumped',
      '  yes      all of it loads',
      '  yes      what came back is what the archive says',
      '  note     without: subscription news',
      '  restore  it took 1.5 s to load here; a real restore takes at least that',
    ])
  })

  test('of a failure: what is broken, with the table and its rows', () => {
    const lines = outcomeText(FAILED)

    expect(lines[0]).toMatch(/^FAILED {5}wallet-db\/tob/)
    expect(lines[1]).toBe('  NO       the archive is what was dumped')
    expect(lines[4]).toBe('  reason   shop.customer: 19999 rows; expected 20000 rows')
    expect(lines[5]).toBe('  reason   relation x is not there (SQLSTATE 42P01)')
  })

  test('of a database without an archive: the reason, and no facts', () => {
    expect(outcomeText(NONE)).toEqual(['NOT PROVED wallet-db/tob: in 3.2 s', '  reason   no archive'])
  })

  test('at the end: the table and the count of each verdict', () => {
    expect(summaryTable([PROVED, FAILED, NONE]).join('\n')).toMatchInlineSnapshot(`
      "DATABASE       VERDICT           TAKEN             TABLES   ROWS   TIME  TO RESTORE
      wallet-db/tob  proved            2026-11-20 01:00       2  22000  3.2 s       1.5 s
      wallet-db/tob  FAILED            2026-11-20 01:00       2  22000  3.2 s       1.5 s
      wallet-db/tob  could not verify  no archive                       3.2 s"
    `)
    expect(closingLine([PROVED, FAILED, NONE], 12)).toBe('1 of 3 proved, 1 failed, 1 could not be verified, in 12 s')
    expect(closingLine([], 0)).toContain('nothing was verified')
  })
})
