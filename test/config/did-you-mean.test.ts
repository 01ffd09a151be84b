import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { didYouMean, nearest, slipsBetween } from '../../src/config/did-you-mean.ts'

describe('FM140 slips between two words', () => {
  test.each([
    ['tob', 'tbo', 1],
    ['tob', 'TOB', 0],
    ['tob', 'tobb', 1],
    ['tob', 'rub', null],
    ['a', 'b', null],
    ['ab', 'abc', null],
    ['wallet', 'walet', 1],
    ['wallet', 'wlalte', 2],
    ['wallet', 'wlaltex', null],
    ['', '', 0],
  ])('%s, %s: %s', (one, other, slips) => {
    expect(slipsBetween(one, other)).toBe(slips)
    expect(slipsBetween(other, one)).toBe(slips)
  })

  test('one letter more, less, other or swapped is one', () => {
    const word = fc.stringMatching(/^[a-z]{6,12}$/)

    fc.assert(
      fc.property(word, fc.nat(5), fc.constantFrom('x', 'y'), (text, at, letter) => {
        const slipped = [
          text.slice(0, at) + text.slice(at + 1),
          text.slice(0, at) + letter + text.slice(at),
          text.slice(0, at) + letter + text.slice(at + 1),
          text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2),
        ]
        expect(slipped.every(each => (slipsBetween(text, each) ?? 9) <= 1)).toBe(true)
      }),
    )
  })
})

test('FM140 the nearest are asked for, three at most, and none where nothing is near', () => {
  const ask = (text: string, names: readonly string[]) => didYouMean(nearest(names, name => [slipsBetween(text, name)]))

  expect(ask('tobs', ['tob', 'tobbs', 'wallet'])).toBe('did you mean tob or tobbs?')
  expect(ask('tob', ['toba', 'tobb', 'tobc', 'tobd'])).toBe('did you mean toba, tobb or tobc?')
  expect(ask('tob', ['toba', 'TOB'])).toBe('did you mean TOB?')
  expect(ask('tob', ['wallet'])).toBeNull()
})
