import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bareValue, chatBody, chatLine, chatText } from '../../src/notifications/chat.ts'
import { plainLine, shown } from '../../src/notifications/wording/message.ts'
import { settings } from './samples.ts'

const MESSAGE = {
  level: 'ERROR' as const,
  title: ['Backup: 1 of 2 backed up, 1 FAILED'],
  lines: [['- ', shown('a&b=c/tob'), ' FAILED'], ['12 s']],
}

test('the form is that of the bash tool, with exactly its content type', () => {
  const { contentType, body } = chatBody(MESSAGE, 'form', settings())

  expect(contentType).toBe('application/x-www-form-urlencoded')
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    projectFriendlyName: 'Wallet (production)',
    projectName: 'a1b2c3-prod',
    statusCode: 'ERROR',
    message: 'Backup: 1 of 2 backed up, 1 FAILED\n- `a&b=c/tob` FAILED\n12 s',
  })
})

test('the JSON has what chat servers show by themselves, and the four fields', () => {
  const { contentType, body } = chatBody(
    MESSAGE,
    'json',
    settings({ consoleUrl: 'https://console.example.org/a1b2c3' }),
  )

  expect(contentType).toBe('application/json')
  expect(JSON.parse(body)).toEqual({
    text: 'Wallet (production): Backup: 1 of 2 backed up, 1 FAILED',
    attachments: [
      {
        color: '#c62828',
        title: 'ERROR Wallet (production)',
        title_link: 'https://console.example.org/a1b2c3',
        text: '- `a&b=c/tob` FAILED\n12 s',
        fields: [],
      },
    ],
    projectFriendlyName: 'Wallet (production)',
    projectName: 'a1b2c3-prod',
    statusCode: 'ERROR',
    message: 'Backup: 1 of 2 backed up, 1 FAILED\n- `a&b=c/tob` FAILED\n12 s',
    consoleUrl: 'https://console.example.org/a1b2c3',
  })
})

test('an environment without a name leaves no gap', () => {
  const { body } = chatBody(MESSAGE, 'json', settings({ environmentName: null, environmentFriendlyName: null }))

  expect(JSON.parse(body)).toMatchObject({
    text: 'Backup: 1 of 2 backed up, 1 FAILED',
    attachments: [{ title: 'ERROR' }],
    projectFriendlyName: '',
    projectName: '',
  })
})

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
