import { expect, test } from 'vitest'
import type { BackupEvent } from '../../src/events.ts'
import { createProgress } from '../../src/terminal/progress.ts'
import type { Screen } from '../../src/terminal/screen.ts'

test('each dump that is under way has a live line, from its start to its end', () => {
  const { show, drawn, at } = progress()

  show({ type: 'database-started', database: 'db/a' })
  show({ type: 'database-started', database: 'db/b' })
  at(1_000)
  show(bytes('db/a', 50_000_000, { previous: 200_000_000, seconds: 10 }))
  show(failed('db/a'))
  show(failed('db/b'))

  expect(drawn).toEqual([
    ['  ...      db/a: connecting'],
    ['  ...      db/a: connecting', '  ...      db/b: connecting'],
    ['  ...      db/a: 50 MB, 5.0 MB/s, 25 % of the last size, 10 s', '  ...      db/b: connecting'],
    ['  ...      db/b: connecting'],
    [],
  ])
})

test('without a last size there is no part of it, and no rate before time has passed', () => {
  const { show, drawn, at } = progress()
  at(1_000)

  show(bytes('db/a', 1_000_000, { previous: null, seconds: 0 }))

  expect(drawn).toEqual([['  ...      db/a: 1.0 MB, 0.0 s']])
})

test('a flood of progress is drawn a few times a second', () => {
  const { show, drawn, at } = progress()

  for (let ms = 0; ms < 1_000; ms += 1) {
    at(ms)
    show(bytes('db/a', ms, { previous: null, seconds: 1 }))
  }

  expect(drawn).toHaveLength(5)
})

test('without a terminal nothing is drawn', () => {
  const { show, drawn } = progress({ isTerminal: false })

  show({ type: 'database-started', database: 'db/a' })

  expect(drawn).toEqual([])
})

test('each copy has a line of its own until it ends', () => {
  const { show, drawn, at } = progress()
  const copy = { type: 'copy-progress', database: 'a/b', destination: 'ftp', totalBytes: 200_000_000 } as const

  show({ ...copy, bytes: 0, seconds: 0 })
  at(1_000)
  show({ ...copy, bytes: 50_000_000, seconds: 5 })
  const outcome = { destination: 'ftp', state: 'done', seconds: 20, failure: null } as const
  show({ type: 'copy-finished', database: 'a/b', archive: 'x.sql.gz', bytes: 200_000_000, outcome })

  expect(drawn.slice(1)).toEqual([['  ...      a/b to ftp: 50 MB, 10 MB/s, 25 %, 5.0 s'], []])
})

function progress(given: { readonly isTerminal: boolean } = { isTerminal: true }) {
  const drawn: (readonly string[])[] = []
  let now = 0
  const screen: Screen = {
    ...given,
    width: 80,
    print() {},
    printJson() {},
    live: lines => drawn.push(lines),
    aside: write => write(),
  }
  const clock = { now: () => new Date(0), monotonicMs: () => now, sleep: () => Promise.resolve() }
  const at = (ms: number): void => {
    now = ms
  }
  return { ...createProgress(screen, clock), drawn, at }
}

function bytes(
  database: string,
  rawBytes: number,
  rest: { readonly previous: number | null; readonly seconds: number },
): BackupEvent {
  return { type: 'database-progress', database, rawBytes, previousRawBytes: rest.previous, seconds: rest.seconds }
}

function failed(database: string): BackupEvent {
  const failure = { kind: 'server', message: 'x', hint: null, sqlstate: null, object: null } as const
  return { type: 'database-finished', outcome: { result: 'failed', database, seconds: 1, failure } }
}
