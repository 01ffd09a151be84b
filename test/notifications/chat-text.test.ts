import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareValue, chatLine, chatText, plainLine } from '../../src/notifications/message-text.ts'
import { shown } from '../../src/notifications/wording/message.ts'

const HOSTILE = [
  'a`b',
  '```\n# heading',
  '@all',
  'x @here y',
  '<!channel>',
  '<@U123> <https://evil.example|click>',
  '[click](https://evil.example)',
  '*bold* _it_ ~gone~',
  '"quoted" \'single\' \\back\\',
  'line one\nline two\r\nline three\u2028four',
  '\u202Egpj.exe\u0000',
  '',
  '   ',
  '\uD800',
]
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.constantFrom(...HOSTILE, '`', '@', '<', '>', 'all', 'here', '://', '\n'), { maxLength: 12 })
    .map(parts => parts.join('')),
)

describe('a value of unknown content', () => {
  test.each(HOSTILE)('FM53 %j stays one piece of inline code that nothing can leave', value => {
    const text = chatLine(['- ', shown(value), ' failed'])

    expect(text).toMatch(/^- `[^`\n\r\u2028]+` failed$/)
    expect(text).not.toMatch(/@\w|<|>|:\/\//)
  })

  test('FM53 whatever it is, the line around it keeps its form', () => {
    fc.assert(
      fc.property(name, value => {
        const text = chatLine(['- ', shown(value), ' failed'])

        expect(text).toMatch(/^- `[^`]+` failed$/)
        expect(text).not.toMatch(/@[\p{L}\p{N}_]|[<>\n\r\u2028\u2029\u202E]|:\/\//u)
        expect(text.isWellFormed()).toBe(true)
      }),
    )
  })

  test('an ordinary name is shown as it is, underscores and all', () => {
    expect(chatLine([shown('wallet-db:5433/app_archive')])).toBe('`wallet-db:5433/app_archive`')
    expect(plainLine([shown('wallet-db:5433/app_archive')])).toBe('wallet-db:5433/app_archive')
  })

  test('a long one keeps its beginning and its end, within its limit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.integer({ min: 10, max: 100 }),
        (value, longest) => {
          const span = shown(value, longest)

          expect(typeof span === 'string' ? span : span.value.length).toBeLessThanOrEqual(longest)
        },
      ),
    )
    expect(plainLine([shown('0123456789'.repeat(3), 11)])).toBe('0123456…789')
  })

  test('FM53 the name of the environment holds no markup in a title', () => {
    expect(bareValue('*Wallet* @all <b> `x`')).toBe(' Wallet  @\u200Ball ‹b›  x ')
  })
})

test('a message of many hostile names is within the limit, and its backticks are in pairs', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 120 }), names => {
      const message = { level: 'ERROR' as const, title: ['title'], lines: names.map(each => ['- ', shown(each, 500)]) }

      const text = chatText({ ...message, lines: [...message.lines, ['the end']] })

      expect(text.length).toBeLessThanOrEqual(5000)
      expect(text.startsWith('title\n')).toBe(true)
      expect(text.endsWith('\nthe end')).toBe(true)
      expect(text.split('\n').every(line => (line.split('`').length - 1) % 2 === 0)).toBe(true)
    }),
  )
})
