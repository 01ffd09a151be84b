import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
const PAGE = readFileSync(path.join(ROOT, 'docs/how-to/troubleshooting.md'), 'utf8')

/** Every text of the program, as it stands in its source. */
const SOURCES = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .map(name => readFileSync(path.join(ROOT, 'src', name), 'utf8').replaceAll("\\'", "'"))

const MESSAGES = [...PAGE.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message = '']) => message)

test('the page has messages', () => {
  expect(MESSAGES.length).toBeGreaterThan(40)
  expect(new Set(MESSAGES).size).toBe(MESSAGES.length)
})

test.each(MESSAGES)('the program says: %s', message => {
  const pieces = message.split('…').map(piece => piece.trim())

  const sayers = SOURCES.filter(source => pieces.every(piece => source.includes(piece)))

  expect(sayers).not.toEqual([])
  expect(pieces.some(piece => piece.length >= 10)).toBe(true)
})
