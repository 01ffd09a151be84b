import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  explainMessage,
  mergeOmitted,
  readToolMessages,
} from '../../../../src/sources/postgres/connection/server-messages.ts'

describe('a message of a server', () => {
  test.each([
    ['password authentication failed for user "bob"', 'authentication', '28P01', 'bob'],
    ['permission denied for table secret_t', 'rights', '42501', 'secret_t'],
    ['permission denied for large object 16403', 'rights', '42501', '16403'],
    ['query would be affected by row-level security policy for table "t"', 'rights', '42501', 't'],
    ['canceling statement due to statement timeout', 'lock-timeout', '57014', null],
    ['canceling statement due to conflict with recovery', 'connection', '40001', null],
    ['terminating connection due to administrator command', 'connection', '57P01', null],
    ['server closed the connection unexpectedly', 'connection', '08006', null],
    ['the database system is starting up', 'connection', '57P03', null],
    ['sorry, too many clients already', 'connection', '53300', null],
    ['database "nope" does not exist', 'configuration', '3D000', 'nope'],
    ['SSL error: certificate verify failed', 'configuration', null, null],
    ['unsupported startup parameter in options: bytea_output', 'server', '08P01', null],
  ])('%s is known', (text, kind, sqlstate, object) => {
    const message = explainMessage(text)

    expect(message).toMatchObject({ kind, text, sqlstate, object })
  })

  test('the SQLSTATE decides where the server speaks another language', () => {
    const message = explainMessage('Passwort-Authentifizierung für Benutzer »bob« fehlgeschlagen', '28P01')

    expect(message.kind).toBe('authentication')
  })

  test('FM83 a message that is not known loses what it quotes and every figure', () => {
    const message = explainMessage(`invalid input syntax for type integer: "Anna "Miller" 4711" near 'x' at 0x41`)

    expect(message.text).toBe(`invalid input syntax for type integer: "…" near '…' at …`)
  })

  test('FM83 the text of an error that a function raised is left out', () => {
    const message = explainMessage('customer Miller is blocked', 'P0001')

    expect(message.text).toBe('a function of the database raised an error')
  })

  test('FM83 no planted value passes, whatever stands around it', () => {
    const value = fc.string({ minLength: 1 }).map(text => `Miller${text.replace(/\n/g, ' ')}`)
    const frame = fc.constantFrom(
      (planted: string) => [`pg_dump: error: query failed: ERROR:  invalid input syntax for type date: "${planted}"`],
      (planted: string) => [
        'pg_dump: error: query failed: ERROR:  duplicate key',
        `DETAIL:  Key (name)=(${planted}) already exists.`,
      ],
      (planted: string) => [
        'pg_dump: error: x',
        `CONTEXT:  COPY t, line 1: "${planted}"`,
        `STATEMENT:  SELECT '${planted}'`,
        `LINE 1: ${planted}`,
      ],
      (planted: string) => [
        'pg_dump: error: Dumping the contents of table "t" failed',
        `pg_dump: detail: Command was: ${planted}`,
        `HINT:  ${planted}`,
      ],
      (planted: string) => [`pg_dump: warning: something about '${planted}'`, `pg_dump: hint: ${planted}`, planted],
    )
    fc.assert(
      fc.property(value, frame, (planted, lines) => {
        const report = JSON.stringify(readToolMessages(lines(planted)))

        expect(report).not.toContain('Miller')
      }),
    )
  })
})

describe('the stderr of pg_dump', () => {
  test("gives the server's own words rather than the frame around them", () => {
    const report = readToolMessages([
      'pg_dump: error: Dumping the contents of table "t" failed: PQgetResult() failed.',
      'pg_dump: detail: Error message from server: ERROR:  permission denied for table t',
      'pg_dump: detail: Command was: COPY public.t (i) TO stdout;',
    ])

    expect(report.failure).toMatchObject({ kind: 'rights', text: 'permission denied for table t', object: 't' })
  })

  test('knows a failure to connect behind the address', () => {
    const report = readToolMessages([
      'pg_dump: error: connection to server at "10.0.0.1", port 5432 failed: FATAL:  database "nope" does not exist',
    ])

    expect(report.failure).toMatchObject({ kind: 'configuration', text: 'database "nope" does not exist' })
  })

  test('FM09 knows a connection that broke while a table was read', () => {
    const report = readToolMessages([
      'pg_dump: error: Dumping the contents of table "t" failed: PQgetCopyData() failed.',
      'pg_dump: detail: Error message from server: server closed the connection unexpectedly',
      '\tThis probably means the server terminated abnormally',
      'pg_dump: detail: Command was: COPY public.t (i) TO stdout;',
    ])

    expect(report.failure?.kind).toBe('connection')
  })

  test('an error without a known shape is of kind server, and so never tried again', () => {
    const report = readToolMessages(['pg_dump: error: out of memory'])

    expect(report.failure).toMatchObject({ kind: 'server', text: 'out of memory' })
  })

  test('FM85 tells what was left out apart from other warnings', () => {
    const report = readToolMessages([
      'pg_dump: warning: subscriptions not dumped because current user is not a superuser',
      'WARNING:  database "shop" has a collation version mismatch',
      'DETAIL:  The database was created using collation version 1, but the operating system provides version 2.',
    ])

    expect(report.omitted).toEqual([
      {
        kind: 'subscription',
        name: null,
        sqlstate: '42501',
        text: 'subscriptions not dumped because current user is not a superuser',
      },
    ])
    expect(report.notes).toEqual(['pg_dump warned: database "shop" has a collation version mismatch'])
    expect(report.failure).toBeNull()
  })

  test.each([
    [
      ['pg_dumpall: error: could not connect to database "postgres": FATAL:  sorry, too many clients already'],
      'sorry, too many clients already',
    ],
    [
      ['pg_dump: error: connection to database "shop" failed: FATAL:  password authentication failed for user "bob"'],
      'password authentication failed for user "bob"',
    ],
    [
      [
        'pg_dumpall: error: could not connect to database "postgres"',
        'connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  the database system is starting up',
      ],
      'the database system is starting up',
    ],
    [['pg_dumpall: error: could not connect to database "postgres"'], 'could not connect to database "postgres"'],
  ])('FM113 the reason is found in what tools of any version say: %j', (lines, text) => {
    expect(readToolMessages(lines).failure?.text).toBe(text)
  })

  test('FM83 a warning of the server, which a function may have worded, is not repeated', () => {
    const report = readToolMessages(['WARNING:  row of Anna Miller', 'pg_dump: warning: WARNING:  row of Anna Miller'])

    expect(report.notes).toHaveLength(2)
    expect(JSON.stringify(report)).not.toContain('Anna')
  })

  test('FM85 a warning without a name adds nothing to what the catalog names', () => {
    const named = { kind: 'subscription', name: 's', sqlstate: '42501', text: 'a' }
    const unnamed = { ...named, name: null }
    const other = { kind: 'aggregate', name: 'f', sqlstate: null, text: 'b' }

    const merged = mergeOmitted([named], [unnamed, other, other])

    expect(merged).toEqual([named, other])
    expect(mergeOmitted([], [unnamed])).toEqual([unnamed])
  })
})
