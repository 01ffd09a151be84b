import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hostPrefix } from '../../src/config/credentials.ts'
import { configure, problemPlaces } from './read.ts'

const NOBODY = { DATABASE_USER: undefined, DATABASE_PASSWORD: undefined }

describe('the prefix of a host', () => {
  test.each([
    ['wallet-db', 'WALLET_DB'],
    ['audit.example.net', 'AUDIT_EXAMPLE_NET'],
    ['10.0.0.7', '_10_0_0_7'],
    ['2001:db8::7', '_2001_DB8__7'],
    ['büro', 'B_RO'],
  ])('of %s is %s', (host, prefix) => {
    expect(hostPrefix(host)).toBe(prefix)
  })

  test('is a name that a shell accepts, for every host', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), host => /^[A-Z_][A-Z0-9_]*$/.test(hostPrefix(host))),
    )
  })

  test('shared by two hosts is a warning', () => {
    expect(problemPlaces(configure({ conf: 'wallet-db/a\nwallet.db/b' }))).toEqual(['warning WALLET_DB_USER'])
  })
})

describe('user and password', () => {
  test('are those of the host, else everybody’s', () => {
    const { targets } = configure({
      conf: 'wallet-db/tob\nother/app',
      env: { WALLET_DB_USER: 'w', WALLET_DB_PASSWORD: 'wp', WALLET_DB_PORT: 'tcp://10.0.0.1:5432' },
    })

    expect(targets.map(target => [target.user, target.password.reveal(), target.port])).toEqual([
      ['w', 'wp', 5432],
      ['reader', 'hunter2', 5432],
    ])
  })

  test('FM37 that are missing are problems with the variable’s name, and the other databases stay', () => {
    const configuration = configure({
      conf: 'wallet-db/tob\nwallet-db/more\nother/app',
      env: { ...NOBODY, OTHER_USER: 'o', OTHER_PASSWORD: 'op' },
    })

    expect(configuration.targets.map(target => target.host)).toEqual(['other'])
    expect(configuration.databases.map(found => found.target === null)).toEqual([true, true, false])
    expect(problemPlaces(configuration)).toEqual(['problem WALLET_DB_USER', 'problem WALLET_DB_PASSWORD'])
    expect(configuration.problems[0]?.text).toContain('DATABASE_USER')
  })

  test('FM37 of which only one is the host’s own are a warning', () => {
    const configuration = configure({ conf: 'wallet-db/tob', env: { WALLET_DB_USER: 'w' } })

    expect(configuration.targets).toHaveLength(1)
    expect(problemPlaces(configuration)).toEqual(['warning WALLET_DB_PASSWORD'])
  })

  test('a password’s file loses one newline at its end', () => {
    const env = { ...NOBODY, DATABASE_USER: 'u', DATABASE_PASSWORD_FILE: '/secret' }

    const { targets } = configure({ env, files: { '/secret': 'pass\n\n' } })

    expect(targets[0]?.password.reveal()).toBe('pass\n')
  })

  test.each([
    ['that does not exist', {}],
    ['that is empty', { '/secret': '\n' }],
    ['with a NUL in it', { '/secret': 'a\0b' }],
  ])('FM37 a file %s is a problem and falls back to nothing', (_, files) => {
    const configuration = configure({
      conf: 'wallet-db/tob',
      env: { WALLET_DB_USER: 'w', WALLET_DB_PASSWORD_FILE: '/secret' },
      files,
    })

    expect(configuration.targets).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['problem WALLET_DB_PASSWORD_FILE'])
  })

  test('a password given twice is a problem; the variable is used', () => {
    const configuration = configure({ env: { DATABASE_PASSWORD_FILE: '/secret' }, files: { '/secret': 'other' } })

    expect(configuration.targets[0]?.password.reveal()).toBe('hunter2')
    expect(problemPlaces(configuration)).toEqual(['problem DATABASE_PASSWORD_FILE'])
  })

  test('a user is never read from a file', () => {
    const configuration = configure({
      env: { ...NOBODY, DATABASE_USER_FILE: '/user', DATABASE_PASSWORD: 'p' },
      files: { '/user': 'u' },
    })

    expect(problemPlaces(configuration)).toEqual(['problem POSTGRESQL_USER', 'warning DATABASE_USER_FILE'])
  })

  test('FM13 a password of any characters survives, from variable and file', () => {
    const password = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter(text => !text.includes('\0') && !text.endsWith('\r'))

    fc.assert(
      fc.property(password, text => {
        const env = { A_USER: 'a', A_PASSWORD: text, B_USER: 'b', B_PASSWORD_FILE: '/b' }
        const { targets } = configure({ conf: 'a/x\nb/x', env, files: { '/b': `${text}\n` } })

        expect(targets.map(target => target.password.reveal())).toEqual([text, text])
      }),
    )
  })

  test('FM12 a password is in nothing that can be printed', () => {
    const configuration = configure({ conf: 'wallet-db/tob', env: { WALLET_DB_PASSWORD: 'hunter3' } })
    const [target] = configuration.targets

    const printed = [
      JSON.stringify(configuration),
      inspect(configuration, { depth: null }),
      String(target?.password),
    ].join()

    expect(printed).not.toMatch(/hunter[23]/)
  })
})

describe('TLS', () => {
  test('is that of the host, else DATABASE_*, else the container’s PGSSL*, else prefer', () => {
    const env = { PGSSLMODE: 'require', PGSSLROOTCERT: '/pg.crt', PGSSLCERT: '/c.crt', PGSSLKEY: '/c.key' }
    const own = { A_SSLMODE: 'verify-full', A_SSLROOTCERT: '/a.crt' }

    const tlsOf = (more: Readonly<Record<string, string>>): unknown =>
      configure({ conf: 'a/x', env: more }).targets[0]?.tls

    const client = { certificate: '/c.crt', key: '/c.key' }
    expect(tlsOf({})).toEqual({ mode: 'prefer' })
    expect(tlsOf(env)).toEqual({ mode: 'require', rootCertificate: '/pg.crt', ...client })
    expect(tlsOf({ ...env, DATABASE_SSLMODE: 'verify-ca' })).toEqual({
      mode: 'verify-ca',
      rootCertificate: '/pg.crt',
      ...client,
    })
    expect(tlsOf({ ...env, ...own })).toEqual({ mode: 'verify-full', rootCertificate: '/a.crt', ...client })
  })

  test('whose mode cannot be read is a problem, and the database is not tried with a laxer one', () => {
    const configuration = configure({ conf: 'a/x\nb/y', env: { A_SSLMODE: 'verify-ful' } })

    expect(configuration.targets.map(target => target.host)).toEqual(['b'])
    expect(problemPlaces(configuration)).toEqual(['problem A_SSLMODE'])
  })

  test('a broken variable for all hosts is reported once', () => {
    expect(problemPlaces(configure({ conf: 'a/x\nb/y', env: { DATABASE_SSLMODE: 'on' } }))).toEqual([
      'problem DATABASE_SSLMODE',
    ])
  })
})
