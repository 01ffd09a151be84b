import { describe, expect, test } from 'vitest'
import { failureOf, failureText, logLinesOf, OperatorError } from '../src/errors.ts'

const error = new OperatorError('rights', "db/app: role reader can't read table t", {
  hint: 'GRANT SELECT',
  sqlstate: '42501',
  object: 't',
  logOnly: ['DETAIL: Key (email)=(jane@example.org)'],
})

describe('an error that an operator can act on', () => {
  test('FM83 as data it has everything but the lines that are for the log', () => {
    expect(failureOf(error)).toEqual({
      kind: 'rights',
      message: "db/app: role reader can't read table t",
      hint: 'GRANT SELECT',
      sqlstate: '42501',
      object: 't',
    })
    expect(JSON.stringify(failureOf(error))).not.toContain('jane')
    expect(logLinesOf(error)).toEqual(['DETAIL: Key (email)=(jane@example.org)'])
  })

  test('as text it says what happened, the SQLSTATE and what to do', () => {
    expect(failureText(failureOf(error))).toBe("db/app: role reader can't read table t (SQLSTATE 42501); GRANT SELECT")
    expect(failureText(failureOf(new OperatorError('server', 'db/app: gone')))).toBe('db/app: gone')
  })
})

describe('a bug', () => {
  test.each([
    new TypeError('x is no function: jane@example.org'),
    'jane@example.org',
    { email: 'jane@example.org' },
    undefined,
  ])('FM83 does not say its message outside the log: %s', thrown => {
    const failure = failureOf(thrown)

    expect(failure).toMatchObject({ kind: 'bug', sqlstate: null, object: null })
    expect(failureText(failure)).not.toContain('jane')
  })

  test('has its stack, line by line, in the log', () => {
    const lines = logLinesOf(new TypeError('x is no function'))

    expect(lines[0]).toBe('TypeError: x is no function')
    expect(lines[1]).toMatch(/^ {4}at .*errors\.test\.ts/)
    expect(logLinesOf('thrown text')).toEqual(['thrown text'])
  })
})
