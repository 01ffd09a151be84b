import fc from 'fast-check'
import type { DumpEvent } from './record-dump.ts'

/** A piece of a dump and what the scanner has to say about it. */
export interface Piece {
  readonly text: string
  readonly events: readonly DumpEvent[]
}

const TRICKS = [
  '--',
  '/*',
  '*/',
  '$$',
  '$a$',
  '$b$',
  ';',
  "''",
  '\\\\',
  '\n',
  '\n\\.\n',
  '\nCOPY x FROM stdin;\n',
  'BEGIN',
  ' END ',
  'e',
  '$1',
  '(',
  ')',
  '"',
  ' ',
  '\n-- PostgreSQL database dump complete\n',
  '\\unrestrict x',
  'é',
  'CASE ',
]

const tricky = fc.array(fc.constantFrom(...TRICKS), { maxLength: 8 }).map(parts => parts.join(''))

const string = tricky.map(text => `'${text}'`)
const escapeString = tricky.map(text => `E'${text}\\''`)
const identifier = tricky.map(text => `"${text.replaceAll('"', '""')}x"`)
const dollarQuoted = tricky.map(text => `$q$${text}$q$`)
const bodyInTag = tricky.map(text => `$$${text.replaceAll('$', '')}$$`)
const lineComment = tricky.map(text => `--${text.replaceAll('\n', '')}\n`)
const blockComment = tricky.map(text => `/*${text.replaceAll(/[/*]/g, '')}/* nested ' */ */`)
const word = fc.constantFrom(
  'a$b',
  'SELECT',
  'begin',
  'atomic',
  'case',
  'end',
  '$1',
  '1',
  '+',
  '- ',
  '/ ',
  'copy',
  'from',
  'stdin',
  'x$$y',
)

const token = fc.oneof(string, escapeString, identifier, dollarQuoted, bodyInTag, lineComment, blockComment, word)
const tokens = fc.array(token, { maxLength: 6 }).map(parts => parts.join(' '))
const inParentheses = fc.array(tokens, { maxLength: 3 }).map(parts => `(${parts.join(';')})`)
/** An identifier keeps a literal in front of it from going on in the next one. */
const anything = fc.array(fc.oneof(tokens, inParentheses), { maxLength: 4 }).map(parts => parts.join(' , '))

const plain = anything.map(text => `ALTER ${text} x;`)
const rule = fc
  .array(anything, { maxLength: 3 })
  .map(actions => `CREATE RULE r AS ON INSERT TO t DO (${actions.join(';')});`)
const atomic = fc
  .array(
    fc.oneof(
      string,
      identifier,
      dollarQuoted,
      blockComment,
      fc.constantFrom('1', 'a$b', 'CASE WHEN a THEN 1 END', 'begin', 'SELECT'),
    ),
    { maxLength: 5 },
  )
  .map(parts => `CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT ${parts.join('; ')}; END;`)

const statement: fc.Arbitrary<Piece> = fc
  .oneof(plain, rule, atomic)
  .map(text => ({ text, events: [{ statement: Buffer.from(text).toString('latin1') }] }))

const comment: fc.Arbitrary<Piece> = tricky.map(text => {
  const line = `-- ${text.replaceAll('\n', ' ')}`
  return { text: line, events: [{ comment: line }] }
})

const hidden: fc.Arbitrary<Piece> = blockComment.map(text => ({ text, events: [] }))

const row = fc
  .oneof(
    fc.constantFrom(
      '\\\\.',
      ' \\.',
      '\\N',
      '',
      '-- PostgreSQL database dump complete',
      'SELECT 1;',
      '\\.x',
      "'",
      '$$',
      '/*',
      'é',
    ),
    fc.string(),
  )
  .map(text => text.replaceAll(/[\n\r]/g, '').replace(/^\\\.$/, 'x'))

const copy: fc.Arbitrary<Piece> = fc.array(row, { maxLength: 6 }).map(rows => {
  const data = rows.map(text => `${text}\n`).join('')
  const event = {
    copy: 's."t;"',
    columns: ['a', '"b)"'],
    data: Buffer.from(data).toString('latin1'),
    rows: rows.length,
  }
  return { text: `COPY s."t;" (a, "b)") FROM stdin;\n${data}\\.`, events: [event] }
})

/** A dump made of tricky pieces, and the events that it has to give. */
export const trickyDump: fc.Arbitrary<Piece> = fc
  .array(fc.oneof(statement, comment, hidden, copy), { maxLength: 8 })
  .map(pieces => ({
    text: pieces.map(piece => `${piece.text}\n`).join(''),
    events: pieces.flatMap(piece => piece.events),
  }))

/** Sizes of the chunks in which a dump may arrive. */
export const chunkSizes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 40 }), {
  minLength: 1,
  maxLength: 30,
})
