import { describe, expect, test } from 'vitest'
import { recordDump, statementsOf } from './record-dump.ts'

/** Each is one statement, whatever it looks like inside. */
const SINGLE_STATEMENTS: Readonly<Record<string, string>> = {
  'a string with a semicolon': `SELECT 'a;b';`,
  'a string with a doubled quote': `SELECT 'it''s; fine';`,
  'a string that ends in a backslash': `SELECT 'C:\\';`,
  'an escape string with an escaped quote': `SELECT E'a\\';b';`,
  'an escape string that ends in an escaped backslash': `SELECT e'a\\\\';`,
  'an escape string that goes on in the next line': `SELECT E'a'\n  'b\\';c';`,
  'an escape string that goes on behind a comment': `SELECT E'a' -- it's\n 'b\\';c';`,
  'a string after a word that ends in e': `SELECT name'C:\\' ;`,
  'a Unicode string': `SELECT U&'d\\0061t;a\\';`,
  'an identifier with a semicolon and quotes': `SELECT 1 AS "a;b""c'd";`,
  'an identifier with a dollar sign': `SELECT a$b, c$b$ FROM t;`,
  parameters: `PREPARE p AS SELECT $1, $2;`,
  'a parameter before a dollar quote': `SELECT $1$a$;$a$;`,
  'an empty dollar tag': `SELECT $$a;'b$$;`,
  'dollar quotes in each other': `DO $a$ BEGIN EXECUTE $b$ SELECT ';' $b$; $$;$$; $a;$ END $a$;`,
  'a dollar quote that nearly ends': `SELECT $ab$ ; $a$ab ; $ab$;`,
  'a dollar tag with letters beyond ASCII': `SELECT $für$;'$für$;`,
  'a line comment with a quote': `SELECT 1 -- it's; \n ;`,
  'a block comment with a quote': `SELECT 1 /* it's; /* ; */ ' */ ;`,
  'a comment right behind an operator': `SELECT 1 +/* ; */ 2;`,
  'a dash and a slash': `SELECT 1 - 2 / 3 -(4);`,
  'a rule with two actions': `CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b);`,
  'a function with an atomic body': `CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;`,
  'an atomic body with CASE': `CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 ELSE CASE WHEN a THEN 2 END END; SELECT 2; END;`,
  'an atomic body with a quoted "end"': `CREATE FUNCTION f() RETURNS int\nBEGIN ATOMIC\n SELECT 1 AS "end"; SELECT (CASE WHEN true THEN 1 END); END;`,
  'an atomic body with a column named begin': `CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin FROM t; SELECT t.begin FROM t; END;`,
  'a function named begin': `CREATE FUNCTION public.begin() RETURNS int LANGUAGE sql AS $$SELECT 1$$;`,
  'a function that returns CASE': `CREATE FUNCTION f(a int) RETURNS int RETURN CASE WHEN a > 1 THEN 1 END;`,
  'a string that looks like COPY': `SELECT '\nCOPY t FROM stdin;\n1\n\\.\n';`,
  'a dollar quote that looks like COPY': `DO $$\nCOPY t FROM stdin;\n$$;`,
  'COPY from a file': `COPY t FROM '/tmp/x';`,
  'COPY to stdout': `COPY t (a) TO stdout;`,
  'COPY of a query': `COPY (SELECT 'x' FROM stdin) TO stdout;`,
  'bytes beyond ASCII in a word': `SELECT grün$x FROM größe;`,
  'a long word whose last letter, e, comes alone': `SELECT ${'x'.repeat(65)}e'C:\\' ;`,
  'a very long word': `SELECT ${'e'.repeat(5000)} ;`,
}

describe('statements', () => {
  test.each(Object.entries(SINGLE_STATEMENTS))('FM89 %s is read as one statement, in any pieces', (_, text) => {
    const expected = ['SELECT 0;', Buffer.from(text).toString('latin1'), 'SELECT 9;']

    const readings = [[65_536], [1], [2], [3], [7]].map(sizes =>
      statementsOf(`SELECT 0; \n${text}\nSELECT 9;\n`, sizes),
    )

    for (const statements of readings) expect(statements).toEqual(expected)
  })

  test('FM89 backslashes escape in plain strings while standard_conforming_strings is off', () => {
    const dump = `SET standard_conforming_strings = off;\nSELECT 'a\\';b';\nSET standard_conforming_strings TO 'on';\nSELECT 'a\\';`

    const statements = statementsOf(dump, [1])

    expect(statements).toEqual([
      'SET standard_conforming_strings = off;',
      "SELECT 'a\\';b';",
      "SET standard_conforming_strings TO 'on';",
      "SELECT 'a\\';",
    ])
  })

  test('a CASE after CREATE TABLE, and END or BEGIN as statements, open and close nothing', () => {
    const dump = `CREATE TABLE t (a int DEFAULT CASE WHEN true THEN 1 END); BEGIN; END; CREATE VIEW v AS SELECT CASE a WHEN 1 THEN 2 END; SELECT 1;`

    expect(statementsOf(dump)).toHaveLength(5)
  })

  test('a statement of many megabytes arrives in pieces', () => {
    const dump = `SELECT '${'x;'.repeat(2_000_000)}';`

    expect(statementsOf(dump, [65_536])).toEqual([dump])
  })
})

describe('comments and meta-commands', () => {
  test('comments between statements are told, those within one belong to it', () => {
    const dump = `-- one\n/* hidden; /* ' */ */SELECT 1 -- inner\n;--two\r-- three`

    const { events, unfinished } = recordDump(dump, [1])

    expect(events).toEqual([
      { comment: '-- one' },
      { statement: 'SELECT 1 -- inner\n;' },
      { comment: '--two' },
      { comment: '-- three' },
    ])
    expect(unfinished).toBeNull()
  })

  test('only the beginning of a very long comment is kept', () => {
    const { events } = recordDump(`-- ${'x'.repeat(100_000)}\n`, [1000])

    expect(events).toEqual([{ comment: `-- ${'x'.repeat(4093)}` }])
  })

  test('a meta-command runs to the end of its line, in the middle of a statement as well', () => {
    const dump = `\\restrict abc\nSELECT 1 \\! rm 'x\n + 2;\n\\connect other; SELECT 3;\n\\unrestrict abc`

    const { events, unfinished } = recordDump(dump, [1])

    expect(events).toEqual([
      { command: '\\restrict abc' },
      { command: "\\! rm 'x" },
      { statement: 'SELECT 1 \n + 2;' },
      { command: '\\connect other; SELECT 3;' },
      { command: '\\unrestrict abc' },
    ])
    expect(unfinished).toBeNull()
  })

  test('a backslash in quotes begins no meta-command', () => {
    const { events } = recordDump(`SELECT '\n\\! x\n', "\\q", $$\n\\q\n$$;`, [1])

    expect(events).toEqual([{ statement: `SELECT '\n\\! x\n', "\\q", $$\n\\q\n$$;` }])
  })
})

describe('COPY blocks', () => {
  test('FM89 data that looks like statements, comments or a trailer is data', () => {
    const data = `SELECT 1;\n-- PostgreSQL database dump complete\n\\restrict x\n'\n$$\n/*\n \\.\n\\.x\n\\\\.\nx\\.\n\\N\n\n`

    for (const sizes of [[65_536], [1], [2], [3], [5]]) {
      const { events, unfinished } = recordDump(`COPY s.t (a, "b c") FROM stdin;\n${data}\\.\nSELECT 2;\n`, sizes)

      expect(events).toEqual([{ copy: 's.t', columns: ['a', '"b c"'], data, rows: 12 }, { statement: 'SELECT 2;' }])
      expect(unfinished).toBeNull()
    }
  })

  test('an empty block, and one after the other', () => {
    const { events } = recordDump('COPY a (x) FROM stdin;\n\\.\n\n\ncopy b (x) from STDIN;\n\\.\n', [1])

    expect(events).toEqual([
      { copy: 'a', columns: ['x'], data: '', rows: 0 },
      { copy: 'b', columns: ['x'], data: '', rows: 0 },
    ])
  })

  test('a row longer than any chunk goes by in pieces', () => {
    const row = `${'x'.repeat(3_000_000)}\n`

    const { events } = recordDump(`COPY a (x) FROM stdin;\n${row}\\.\n`, [65_536])

    expect(events).toEqual([{ copy: 'a', columns: ['x'], data: row, rows: 1 }])
  })

  test('a column list of 1 600 long names is read whole', () => {
    const columns = Array.from({ length: 1600 }, (_, index) => `"${'ä'.repeat(28)} ${index}"`)

    const { events } = recordDump(`COPY a (${columns.join(', ')}) FROM stdin;\n\\.\n`, [1000])

    expect(events).toEqual([{ copy: 'a', columns, data: '', rows: 0 }])
  })

  test('a COPY statement that has no end is refused before it fills the memory', () => {
    expect(() => recordDump(`COPY a (${'x, '.repeat(1_000_000)}`)).toThrow('more than 1 MiB')
  })

  test('text behind FROM stdin on the same line is refused, because psql would run it after the data', () => {
    expect(() => recordDump('COPY a (x) FROM stdin; DROP TABLE b;\n1\n\\.\n')).toThrow('behind COPY')
  })
})

describe('the end of a dump', () => {
  test.each([
    ['', null],
    ['SELECT 1;\n', null],
    ['SELECT 1', 'statement'],
    ["SELECT 'a;", 'statement'],
    ['SELECT $a$ ;', 'statement'],
    ['-', 'statement'],
    ['SELECT 1 \\x', 'statement'],
    ['/* a', 'comment'],
    ['COPY a (x) FROM stdin;', 'COPY data'],
    ['COPY a (x) FROM stdin;\n1\n', 'COPY data'],
    ['COPY a (x) FROM stdin;\n1\n\\.', 'COPY data'],
  ] as const)('%j ends inside: %s', (dump, unfinished) => {
    expect(recordDump(dump).unfinished).toBe(unfinished)
    expect(recordDump(dump, [1]).unfinished).toBe(unfinished)
  })
})
