import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  companionEnding,
  companionName,
  companionsOf,
  keptNamesOf,
  keptSince,
} from '../../../../src/sources/postgres/swap/companion-names.ts'

const NOW = new Date('2026-11-20T09:00:00Z')
const ZONE = 'America/Vancouver'
const ENDING = companionEnding('restore', NOW, ZONE)

function utf8(name: string): { name: string; characterBytes: number[] } {
  return { name, characterBytes: Array.from(name, character => Buffer.byteLength(character)) }
}

describe('the names of databases beside the live one', () => {
  test('say what they are for, and when, in the zone of the run', () => {
    const before = companionEnding('before', NOW, ZONE)

    expect(companionName(utf8('app'), ENDING, new Set())).toBe('app_restore_20261120_020000')
    expect(companionName(utf8('app'), before, new Set())).toBe('app_before_20261120_020000')
  })

  test.each([
    ['a'.repeat(56), 63],
    ['a'.repeat(63), 63],
    ['é'.repeat(31), 62],
    ['日'.repeat(21), 63],
    ['😀'.repeat(15), 60],
  ])('FM81 of %s have no more than 63 bytes and end at a border of characters', (name, bytes) => {
    const companion = companionName(utf8(name), ENDING, new Set())

    expect(Buffer.byteLength(companion)).toBeLessThanOrEqual(Math.min(63, bytes + 24))
    expect(companion.endsWith('_restore_20261120_020000')).toBe(true)
    const [, start = ''] = /^(.*)_[0-9a-f]{6}$/.exec(companion.slice(0, -ENDING.length)) ?? []
    expect(start).not.toBe('')
    expect(name.startsWith(start)).toBe(true)
  })

  test('FM81 are measured in the encoding of the server: latin1 needs one byte where UTF-8 needs two', () => {
    const name = 'é'.repeat(40)

    const companion = companionName({ name, characterBytes: Array.from(name, () => 1) }, ENDING, new Set())

    expect(companion).toMatch(new RegExp(`^${'é'.repeat(63 - ENDING.length - 7)}_[0-9a-f]{6}${ENDING}$`))
  })

  test('FM81 get a number when the name is taken, and still fit', () => {
    const name = utf8('b'.repeat(63))
    const first = companionName(name, ENDING, new Set())

    const second = companionName(name, ENDING, new Set([first]))
    const third = companionName(name, ENDING, new Set([first, second]))

    expect(second).toMatch(new RegExp(`^${'b'.repeat(63 - ENDING.length - 9)}_[0-9a-f]{6}${ENDING}_2$`))
    expect(third.endsWith(`${ENDING}_3`)).toBe(true)
  })

  test('FM81 never exceed 63 bytes, never meet a taken one, and are recognised again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), fc.nat(3), (base, taken) => {
        const name = utf8(base)
        const names = new Set<string>()
        for (let count = 0; count <= taken; count += 1) names.add(companionName(name, ENDING, names))

        expect(names.size).toBe(taken + 1)
        for (const each of names) expect(Buffer.byteLength(each)).toBeLessThanOrEqual(63)
        expect(companionsOf(name, names)).toEqual([...names].sort())
      }),
    )
  })

  test('FM184 of two databases whose names begin alike are not taken for one another’s', () => {
    const [one, other] = [utf8(`${'k'.repeat(50)}a`), utf8(`${'k'.repeat(50)}b`)]
    const kept = companionName(one, companionEnding('before', NOW, ZONE), new Set())

    expect(keptNamesOf(one, [kept])).toEqual([kept])
    expect(keptNamesOf(other, [kept])).toEqual([])
    expect(keptSince(kept, ZONE)).toEqual(NOW)
  })

  test('are told from names of other databases', () => {
    const names = [
      'app_restore_20261120_020000',
      'app_before_20261120_020000_2',
      'app2_restore_20261120_020000',
      'app_restore',
      'app',
    ]

    expect(companionsOf(utf8('app'), names)).toEqual(['app_before_20261120_020000_2', 'app_restore_20261120_020000'])
    expect(keptNamesOf(utf8('app'), names)).toEqual(['app_before_20261120_020000_2'])
  })

  test('FM144 say when what was live was put aside, to the second, in the zone of the run', () => {
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(times, fc.constantFrom(ZONE, 'UTC', 'Asia/Kathmandu'), (time, zone) => {
        const name = companionName(utf8('app'), companionEnding('before', time, zone), new Set())
        const since = keptSince(name, zone)?.getTime() ?? 0

        // Of an hour that the clocks show twice it is the first.
        expect([0, 3_600_000]).toContain(Math.floor(time.getTime() / 1000) * 1000 - since)
      }),
    )
  })

  test.each([
    'app_before_20260229_010000',
    'app_before_20261320_010000',
    'app_before_20261120_240000',
    'app_before_20261120_010060',
    'app_before_20261120_010000_1',
    'app_before_20261120_010000_02',
    'app_before_20261120_010000x',
    'app_restore_20261120_010000',
    'app_before_',
  ])('FM144 are not given by any restore: %s', name => {
    expect(keptSince(name, ZONE)).toBeNull()
  })
})
