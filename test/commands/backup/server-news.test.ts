import { describe, expect, test } from 'vitest'
import { serverNews, serverNewsTexts } from '../../../src/commands/backup/server-news.ts'
import type { ServerCoverage } from '../../../src/config/found-databases.ts'
import type { DatabaseOutcome, RunReport, ServerNews } from '../../../src/events.ts'

const FAILURE = { kind: 'connection', message: 'refused', hint: null, sqlstate: null, object: null } as const

function report(databases: readonly string[], servers?: readonly ServerNews[]): RunReport {
  const outcomes = databases.map(
    (database): DatabaseOutcome => ({ result: 'failed', database, seconds: 0, failure: FAILURE }),
  )
  return {
    ...{ mode: 'backup', runId: 'r', trigger: 'command', startedAt: '', finishedAt: '', seconds: 0, exitCode: 0 },
    ...{ interrupted: false, problems: [], outcomes, ...(servers === undefined ? {} : { servers }) },
  }
}

function whole(names: readonly string[], given: Partial<ServerCoverage> = {}): ServerCoverage {
  const server = { server: 'a/*', isWhole: true, head: 'a/', names: names.map(name => `a/${name}`) }
  return { ...server, leftOut: [], uncovered: [], failure: null, ...given }
}

function news(server: ServerCoverage, history: readonly RunReport[], own = server.names): readonly ServerNews[] {
  const databases = own.map(name => ({ id: { kind: 'postgres', name, stem: '', lane: '' } as const }))
  return serverNews([server], databases, history)
}

describe('what is new on a server', () => {
  test('FM216 is nothing at the first run, then what came and what vanished, once', () => {
    expect(news(whole(['x', 'y']), [])).toEqual([])

    const first = report(['a/x', 'a/y'])
    const [renamed] = news(whole(['x', 'z']), [first])
    expect(renamed).toEqual({ server: 'a/*', came: ['a/z'], vanished: ['a/y'], uncovered: [], stillUncovered: [] })

    const second = report(['a/x', 'a/z'], renamed === undefined ? [] : [renamed])
    expect(news(whole(['x', 'z']), [first, second])).toEqual([])
    expect(news(whole(['x', 'y', 'z']), [first, second])[0]?.came).toEqual(['a/y'])
  })

  test('FM217 is nothing of a server that could not be read, and nothing is forgotten meanwhile', () => {
    const history = [report(['a/x', 'a/y']), report(['a/*', 'a/x', 'a/y'])]

    expect(news(whole([], { failure: FAILURE }), history)).toEqual([])
    expect(news(whole(['x']), history)[0]?.vanished).toEqual(['a/y'])
  })

  test('FM216 what is left out by a line, or kept by a restore, has not vanished', () => {
    const history = [report(['a/x', 'a/y', 'a/z', 'a:5433/q'])]

    expect(news(whole(['x', 'y'], { leftOut: ['a/z'] }), history, ['a/x'])).toEqual([])
  })

  test('FM216 a history that says odd things of servers stops nothing', () => {
    const odd = [7, null, { vanished: 3, uncovered: [{}] }, { vanished: ['a/y'] }]

    expect(news(whole(['a', 'y']), [report(['a/a', 'a/y'], odd as never), report([], 5 as never)])[0]?.came).toEqual([
      'a/y',
    ])
  })

  test('FM222 what nothing covers is told once, and again after it was covered', () => {
    const server = whole(['x', 'y'], { server: 'a', isWhole: false, uncovered: ['a/y'] })
    const told = report(['a/x'], [{ server: 'a', came: [], vanished: [], uncovered: ['a/y'], stillUncovered: [] }])

    expect(news(server, [], ['a/x'])[0]?.uncovered).toEqual(['a/y'])
    const [quiet] = news(server, [told], ['a/x'])
    expect(quiet).toEqual({ server: 'a', came: [], vanished: [], uncovered: [], stillUncovered: ['a/y'] })
    expect(quiet && serverNewsTexts(quiet)).toEqual([])
    // The line that told of it may have left the history.
    expect(news(server, [report(['a/x'], quiet && [quiet])], ['a/x'])[0]?.uncovered).toEqual([])
    expect(news(server, [told, report(['a/x', 'a/y'])], ['a/x'])[0]?.uncovered).toEqual(['a/y'])
  })

  test('FM221 a crowd is counted and not listed', () => {
    const vanished = Array.from({ length: 301 }, (_, index) => `a/d${index}`)

    const [text = ''] = serverNewsTexts({ server: 'a/*', came: [], vanished, uncovered: [], stillUncovered: [] })

    expect(text).toMatch(
      /^a\/\*: no longer there; archives stay until somebody removes them: a\/d0, .*, a\/d9 and 291 more$/,
    )
  })
})
