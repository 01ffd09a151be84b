import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { usageText } from '../src/commands/help.ts'
import { type Failure, type FailureKind, failureOf, OperatorError } from '../src/errors.ts'
import { EXIT_CODES, exitCodeOf, exitCodeOfSignal, exitCodesOfFailures } from '../src/exit-codes.ts'

describe('FM38 exit codes', () => {
  test('of several the strongest wins', () => {
    expect(exitCodeOf([])).toBe(0)
    expect(exitCodeOf([0, 0])).toBe(0)
    expect(exitCodeOf([10, 3])).toBe(3)
    expect(exitCodeOf([10, 11])).toBe(11)
    expect(exitCodeOf([5, 10])).toBe(10)
    expect(exitCodeOf([3, 4, 1])).toBe(1)
    expect(exitCodeOf([1, 143])).toBe(143)
    expect(exitCodeOf([130, 2])).toBe(2)
  })

  test('one of the given codes is chosen, whatever their order', () => {
    const codes = fc.array(fc.constantFrom(...EXIT_CODES.map(row => row.code)))

    fc.assert(
      fc.property(codes, given => {
        const chosen = exitCodeOf(given)

        return exitCodeOf(given.toReversed()) === chosen && [...given, 0].includes(chosen)
      }),
    )
  })

  test('stand in the usage text, each with its meaning', () => {
    const text = usageText()

    expect(EXIT_CODES.filter(row => !text.includes(row.meaning))).toEqual([])
    expect(EXIT_CODES.map(row => row.code)).toEqual([0, 1, 2, 3, 4, 5, 6, 10, 11, 130, 143])
  })
})

function failed(kind: FailureKind): Failure {
  return failureOf(new OperatorError(kind, 'it failed'))
}

describe('FM38 the code for what failed', () => {
  test('says whether all failed or some', () => {
    expect(exitCodesOfFailures([], 2)).toEqual([])
    expect(exitCodesOfFailures([failed('server')], 2)).toEqual([3])
    expect(exitCodesOfFailures([failed('server'), failed('space')], 2)).toEqual([1])
  })

  test('is that of a lock only where nothing else failed', () => {
    expect(exitCodesOfFailures([failed('locked')], 2)).toEqual([11])
    expect(exitCodesOfFailures([failed('locked'), failed('server')], 3)).toEqual([3])
  })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('FM39 %s ends the program with %d', (signal, code) => {
  expect(exitCodeOfSignal(signal)).toBe(code)
})
