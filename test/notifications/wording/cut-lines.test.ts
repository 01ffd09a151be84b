import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutLines } from '../../../src/notifications/wording/cut-lines.ts'

test('what fits is left as it is', () => {
  expect(cutLines(['a', 'b', 'c'], 100)).toBe('a\nb\nc')
})

test('whole lines are left out of the middle, and it is said how many', () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`)

  const text = cutLines(lines, 200)

  expect(text.length).toBeLessThanOrEqual(200)
  expect(text).toMatch(/^line 0\nline 1\n/)
  expect(text).toMatch(/\n… \d+ lines left out …\n/)
  expect(text).toMatch(/\nline 58\nline 59$/)
  const left = Number(/… (\d+) lines/.exec(text)?.[1])
  expect(text.split('\n').length - 1 + left).toBe(60)
})

test('the limit holds for any lines, and the end is kept', () => {
  const line = fc.string({ unit: 'binary', maxLength: 300 }).map(text => text.replaceAll('\n', ' '))

  fc.assert(
    fc.property(fc.array(line, { maxLength: 80 }), fc.integer({ min: 100, max: 2000 }), (lines, longest) => {
      const text = cutLines([...lines, 'the end'], longest)

      expect(text.length).toBeLessThanOrEqual(longest)
      expect(text.endsWith('the end')).toBe(true)
    }),
  )
})

test('a single line that is too long is cut, and loses the backticks that would be left without their fellows', () => {
  const text = cutLines([`a \`${'x'.repeat(500)}\` b`, 'end'], 200)

  expect(text.length).toBeLessThanOrEqual(200)
  expect(text).not.toContain('`')
})
