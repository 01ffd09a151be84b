import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { matchesName, readNamePattern } from '../../src/config/name-pattern.ts'
import { isExcepted } from '../../src/config/server-line.ts'
import { configure, problemPlaces } from './read.ts'

function exceptedBy(line: string, name: string): boolean {
  const [server] = configure({ conf: line }).servers
  return server !== undefined && isExcepted(server, name)
}

describe('a line for every database of a server', () => {
  test('FM215 names host and port, with or without its type, and takes the credentials of the host', () => {
    const conf = 'postgres=wallet-db/*\naudit.example.net:5433/*   # all of it\n[2001:db8::7]/*'

    const { servers, databases, problems } = configure({ conf, env: { WALLET_DB_USER: 'w', WALLET_DB_PASSWORD: 'p' } })

    expect(servers.map(({ host, port, place, userFrom }) => [host, port, place, userFrom])).toEqual([
      ['wallet-db', 5432, 'backup.conf:1', 'WALLET_DB_USER'],
      ['audit.example.net', 5433, 'backup.conf:2', 'DATABASE_USER'],
      ['2001:db8::7', 5432, 'backup.conf:3', 'DATABASE_USER'],
    ])
    expect(databases).toEqual([])
    expect(problems).toEqual([])
  })

  test('FM215 a database that is called * is meant by quotes, or by its encoding', () => {
    const { servers, databases } = configure({ conf: 'a/"*"\nb/%2A' })

    expect(servers).toEqual([])
    expect(databases.map(({ database }) => database)).toEqual(['*', '*'])
  })

  test.each([
    ['a/*?except=rdsadmin', 'rdsadmin', true],
    ['a/*?except=rdsadmin', 'rdsadmin2', false],
    ['a/*?except=test_*&except=*_old', 'test_1', true],
    ['a/*?except=test_*&except=*_old', 'tob_old', true],
    ['a/*?except=test_*&except=*_old', 'tob', false],
    ['a/*?except=a*b*c', 'axbxc', true],
    ['a/*?except=a*a', 'a', false],
    ['a/*?except=old%20data', 'old data', true],
    ['a/*?except=%2A', '*', true],
    ['a/*?except=%2A', 'tob', false],
    ['a/*?except=a.c', 'abc', false],
  ])('FM215 %s leaves out %s: %s', (line, name, expected) => {
    expect(exceptedBy(line, name)).toBe(expected)
  })

  test('FM215 an unknown option is a warning, a bad value a problem, and the server is backed up all the same', () => {
    const conf = 'a/*?excpt=x\nb/*?except=\nc/*?except=%zz\nd/*?except=*&except=ok\ne/*?verifySchema=public'

    const configuration = configure({ conf })

    expect(problemPlaces(configuration)).toEqual([
      'warning backup.conf:1',
      'problem backup.conf:2',
      'problem backup.conf:3',
      'problem backup.conf:4',
    ])
    expect(configuration.servers.map(({ host, except }) => [host, except.length])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 0],
      ['d', 1],
      ['e', 0],
    ])
  })

  test('FM215 a server that is listed twice, or badly, is a problem that says so', () => {
    const configuration = configure({ conf: 'a/*\na:5432/*?except=x\na b/*\na:0/*' })

    expect(problemPlaces(configuration)).toEqual([
      'problem backup.conf:2',
      'problem backup.conf:3',
      'problem backup.conf:4',
    ])
    expect(configuration.servers).toHaveLength(1)
    expect(configuration.problems[0]?.text).toBe('a/* is listed again after backup.conf:1; expected each server once')
  })

  test('FM215 its host counts as known, and a file with nothing else names databases', () => {
    const { problems, databasesFrom } = configure({
      conf: 'wallet-db/*',
      env: { WALLET_DB_USER: 'w', WALLET_DB_PASSWORD: 'p', DATABASE_SERVICE_NAME: 'other' },
    })

    expect(databasesFrom).toBe('backup.conf')
    expect(problems).toEqual([])
  })

  test('FM215 a pattern means what a regular expression of it would', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(text, name, (written, database) => {
        const pattern = readNamePattern(written)
        if (pattern === null) return
        expect(matchesName(pattern, database)).toBe(new RegExp(`^${written.replaceAll('*', '.*')}$`).test(database))
      }),
    )
  })
})
