import { describe, expect, test } from 'vitest'
import type { Configuration } from '../../src/config/configuration.ts'
import type { LookedUpServer } from '../../src/config/found-databases.ts'
import { databaseId } from '../../src/config/source-id.ts'
import { MOST_FOUND, withFoundDatabases } from '../../src/config/with-found-databases.ts'
import type { Failure } from '../../src/errors.ts'
import { configure } from './read.ts'

const DEAD: Failure = { kind: 'connection', message: 'a/postgres: refused', hint: null, sqlstate: null, object: null }

function answer(host: string, names: readonly string[], given: Partial<LookedUpServer> = {}): LookedUpServer {
  return { host, port: 5432, names, leftOut: [], failure: null, ...given }
}

function found(conf: string, answers: readonly LookedUpServer[], known: readonly string[] = []): Configuration {
  const archived = known.map(name => {
    const [host = '', database = ''] = name.split('/')
    const spec = { host, port: 5432, database }
    return { ...spec, id: databaseId(spec) }
  })
  return withFoundDatabases(configure({ conf }), answers, archived)
}

function names({ databases }: Configuration): readonly string[] {
  return databases.map(({ id, place }) => `${id.name} ${place.replace('backup.conf:', '')}`)
}

describe('the databases of a server', () => {
  test('FM216 stand behind those that lines name, each once; the line wins', () => {
    const configuration = found('a/*?except=old*\na/tob', [answer('a', ['x', 'tob', 'old1'])])

    expect(names(configuration)).toEqual(['a/tob 2', 'a/x 1'])
    expect(configuration.targets.map(({ database, user }) => [database, user])).toEqual([
      ['tob', 'reader'],
      ['x', 'reader'],
    ])
    expect(configuration.found.notTaken).toEqual([])
  })

  test('FM217 a list that cannot be read is a failure; what has archives stands for it', () => {
    const dead = answer('a', [], { failure: DEAD })

    const configuration = found('a/*?except=old*', [dead], ['a/tob', 'a/old1', 'b/other'])

    expect(names(configuration)).toEqual(['a/tob 1'])
    expect(configuration.found.notTaken).toEqual([
      { database: 'a/*', failure: { ...DEAD, message: 'a/*: its databases cannot be listed: a/postgres: refused' } },
    ])
  })

  test('FM220 one whose archives would be named as those of another is named, and not taken', () => {
    const configuration = found('a/b-c\na-b/*\na/*\na:5433/*', [
      answer('a-b', ['c', 'd']),
      answer('a', ['b-d', 'tob']),
      answer('a', ['tob'], { port: 5433 }),
    ])

    expect(names(configuration)).toEqual(['a/b-c 1', 'a-b/d 2', 'a/tob 3'])
    expect(configuration.found.notTaken.map(({ database, failure }) => [database, failure.kind])).toEqual([
      ['a-b/c', 'configuration'],
      ['a/b-d', 'configuration'],
      ['a:5433/tob', 'configuration'],
    ])
  })

  test('FM220 no name leaves the folder of its archive, and one that no server has is not taken', () => {
    const odd = ['../../etc', '/', '..', '.', 'a\nb', '%2e', '"', 'ü'.repeat(31), `${'x'.repeat(64)}`, '']

    const { databases, found: result } = found('a/*', [answer('a', odd)])

    for (const { id } of databases) expect(id.stem).toMatch(/^a-[A-Za-z0-9._%-]+$/)
    for (const { id } of databases) expect(id.stem).not.toMatch(/^a-[.-]/)
    expect(databases).toHaveLength(8)
    expect(result.notTaken).toHaveLength(2)
  })

  test('FM221 of too many, those that have archives and those of lines stay, and the rest is named', () => {
    const crowd = Array.from({ length: MOST_FOUND + 5 }, (_, index) => `crowd${index}`)

    const configuration = found('a/*\na/exact', [answer('a', [...crowd, 'tob', 'exact'])], ['a/tob'])

    expect(configuration.databases).toHaveLength(MOST_FOUND + 1)
    expect(names(configuration).slice(0, 3)).toEqual(['a/exact 2', 'a/tob 1', 'a/crowd0 1'])
    expect(configuration.found.notTaken.map(({ failure }) => failure.message)).toEqual([
      `a/*: ${MOST_FOUND + 7} databases; expected at most ${MOST_FOUND}, and the others are not backed up`,
    ])
  })

  test('FM222 what no line asks for is not covered; what a line leaves out is', () => {
    const { servers } = found('a/tob\nb/*?except=x', [answer('a', ['tob', 'y']), answer('b', ['x', 'z'])]).found

    expect(servers.map(({ server, uncovered }) => [server, uncovered])).toEqual([
      ['a', ['a/y']],
      ['b/*', []],
    ])
  })
})
