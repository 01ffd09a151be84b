import { describe, expect, test } from 'vitest'
import { databaseId } from '../../src/config/source-id.ts'
import { parseSpecArgument } from '../../src/config/spec-argument.ts'

describe('the SPEC of -v and -r', () => {
  test.each([
    ['wallet-db/tob', { host: 'wallet-db', port: 5432, database: 'tob' }],
    ['postgres=wallet-db:5433/tob', { host: 'wallet-db', port: 5433, database: 'tob' }],
    ['postgresql=wallet-db/tob', { host: 'wallet-db', port: 5432, database: 'tob' }],
    ['POSTGRES=[::1]:5433/"a b"', { host: '::1', port: 5433, database: 'a b' }],
  ])('%s', (text, spec) => {
    expect(parseSpecArgument(text)).toEqual({ spec: { ...spec, id: databaseId(spec) } })
  })

  test.each(['mongo=a/b', 'tob', '', 'postgres://user:hunter2@wallet-db/tob', 'hunter2 hunter2'])(
    'FM12 %s is refused, and not repeated',
    text => {
      expect(parseSpecArgument(text)).toMatchObject({ fault: expect.not.stringContaining('hunter2') })
    },
  )
})
