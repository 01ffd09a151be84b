import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyableIdentifier } from '../../src/sources/postgres/sql/quote.ts'
import { createLog } from '../../src/system/log.ts'
import { printable, printableJson } from '../../src/system/printable.ts'
import { createScreen } from '../../src/terminal/screen.ts'

/** Of any code points; fast-check's own takes seconds to begin. */
const ANY_TEXT = fc.array(fc.nat(0x10ffff)).map(codes => String.fromCodePoint(...codes))

describe('FM112 what others have written', () => {
  test.each([
    ['a\nbacked up  wallet-db/tob', String.raw`a\nbacked up  wallet-db/tob`],
    ['\u001B[1A\u001B[2Kproved', String.raw`\x1b[1A\x1b[2Kproved`],
    ['a\r\tb\u0000\u007F', String.raw`a\r\tb\x00\x7f`],
    ['\u009B2J', String.raw`\x9b2J`],
    ['user\u202Egpj.exe', String.raw`user\u202egpj.exe`],
    ['\u2066a\u2069\u200B\uFEFF', String.raw`\u2066a\u2069\u200b\ufeff`],
    ['a\u2028b\u2029c\u0085', String.raw`a\u2028b\u2029c\x85`],
    ['half \uD800', String.raw`half \ud800`],
    ['\u{E0041}', String.raw`\udb40\udc41`],
    ['Größe 表 😀 "c:\\new"', 'Größe 表 😀 "c:\\new"'],
  ])('%j is printed on one line, visibly', (text, expected) => {
    expect(printable(text)).toBe(expected)
  })

  test('holds nothing afterwards that a terminal obeys, and is the same if it held nothing before', () => {
    fc.assert(
      fc.property(ANY_TEXT, text => {
        const printed = printable(text)

        expect(printed).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
        expect(printable(printed)).toBe(printed)
      }),
    )
  })

  test('stays one line of the screen however it is printed, and a table or a list of lines too', () => {
    let written = ''
    const screen = createScreen({ write: text => (written += text) })

    screen.print('warning    a\nbacked up  b')
    screen.print(['one\u001B[2J', 'two\r'])

    expect(written).toBe(String.raw`warning    a\nbacked up  b
one\x1b[2J
two\r
`)
  })

  test('stays below its own live line', () => {
    const written: string[] = []
    const screen = createScreen({ isTTY: true, columns: 80, write: text => written.push(text) })

    screen.live(['  ...      a\n\u001B[1Ab: 3 MB'])

    expect(written).toEqual([`${String.raw`  ...      a\n\x1b[1Ab: 3 MB`}\n`])
  })

  test('stays as it is in JSON', () => {
    let written = ''
    const document = { name: 'a\nb\u001B\u202E' }

    createScreen({ write: text => (written += text) }).printJson(document)

    expect(written).toBe(`${JSON.stringify(document, null, 2)}\n`)
  })

  test.each([true, false])('is one line of the log, as text (%s) or as JSON, and JSON means the same', pretty => {
    const lines: string[] = []
    const fields = { name: 'a\nbacked up b\u009B2J\u202E' }
    const log = createLog({ level: 'info', fields: {}, secrets: [], pretty, write: line => lines.push(line) })

    log.info('event', fields)

    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[\x20-\x7e]*\n$/)
    // A secret is found as it is, before it is escaped.
    createLog({ level: 'info', fields: {}, secrets: ['a\u202Ebcd'], pretty, write: line => lines.push(line) }).info(
      'x',
      {
        name: '1a\u202Ebcd2',
      },
    )
    expect(lines[1]).toContain('1[secret]2')
    if (!pretty) expect(JSON.parse(lines[0] ?? '')).toMatchObject(fields)
  })

  test('is the same value in JSON whose unseen characters are escaped', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        expect(JSON.parse(printableJson(text))).toEqual(JSON.parse(text))
      }),
    )
  })
})

describe('FM112 a name in a statement that a person is to copy', () => {
  test.each([
    ['tob', '"tob"'],
    ['to"b', '"to""b"'],
    ['a\\b', '"a\\b"'],
    ['a\nb"\\', String.raw`U&"a\+00000ab""\+00005c"`],
    ['\u202Ex', String.raw`U&"\+00202ex"`],
  ])('%j is %s', (name, expected) => {
    expect(copyableIdentifier(name)).toBe(expected)
  })
})
