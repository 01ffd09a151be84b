import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { childEnvironment, runTool, startTool, type Tool } from '../../src/system/process.ts'

const { signal: never } = new AbortController()

describe('a running tool', () => {
  test('FM15 its stdout is only its stdout; of its stderr the last 200 lines are kept, and all are handed on', async () => {
    const told: string[] = []
    const tool = sh('i=0; while [ $i -lt 1000 ]; do echo "line $i" >&2; i=$((i+1)); done; echo data; exit 3')

    const running = startTool(tool, { stdin: 'ignore', stdout: 'pipe', onStderr: line => told.push(line) }, never)

    expect(running.stdout === null ? '' : await text(running.stdout)).toBe('data\n')
    const exit = await running.exit
    expect(exit).toMatchObject({ code: 3, signal: null })
    expect(exit.stderr).toEqual(told.slice(-200))
    expect(told).toHaveLength(1000)
  })

  test('FM12 has the environment that it was given and nothing else', async () => {
    const { stdout } = await runTool(
      { command: '/usr/bin/env', args: [], env: { ONLY: 'this' } },
      { timeoutMs: 10_000 },
      never,
    )

    expect(stdout).toBe('ONLY=this\n')
  })

  test('a tool killed by a signal has no exit code', async () => {
    const running = startTool(sh('kill -9 $$'), { stdin: 'ignore', stdout: 'ignore' }, never)

    expect(await running.exit).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  test('FM39 is asked to end when the signal is aborted', async () => {
    const controller = new AbortController()
    const running = startTool(
      sh('trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done'),
      { stdin: 'ignore', stdout: 'pipe' },
      controller.signal,
    )
    await firstChunk(running.stdout)

    controller.abort(new Error('enough'))

    expect(await running.exit).toMatchObject({ code: 7 })
  })

  test('FM39 is killed when it does not listen to that, and may be asked more than once', async () => {
    const running = startTool(
      sh('trap "" TERM; echo ready; while :; do sleep 0.05; done'),
      { stdin: 'ignore', stdout: 'pipe' },
      never,
    )
    await firstChunk(running.stdout)

    running.stop()
    running.stop()

    expect(await running.exit).toMatchObject({ code: null, signal: 'SIGKILL' })
  }, 30_000)

  test('reads what is written to its stdin', async () => {
    const running = startTool(sh('cat'), { stdin: 'pipe', stdout: 'pipe' }, never)

    running.stdin?.end('hello')

    expect(running.stdout === null ? '' : await text(running.stdout)).toBe('hello')
    expect(await running.exit).toMatchObject({ code: 0 })
  })

  test('writes straight into an open file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'process-test-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await using file = await open(join(folder, 'out'), 'wx')

    const running = startTool(sh('echo to the file'), { stdin: 'ignore', stdout: file.fd }, never)
    await running.exit

    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('to the file\n')
  })

  test('one that is not there tells so', async () => {
    const missing = async (): Promise<unknown> =>
      await startTool({ command: '/nowhere/pg_dump', args: [], env: {} }, { stdin: 'ignore', stdout: 'pipe' }, never)
        .exit

    await expect(missing()).rejects.toMatchObject({ cause: { code: 'ENOENT' } })
  })
})

describe('runTool', () => {
  test('ends a tool that takes too long', async () => {
    const started = performance.now()

    const result = await runTool(sh('echo begun; exec sleep 60'), { timeoutMs: 200 }, never)

    expect(result.code).toBeNull()
    expect(result.stdout).toBe('begun\n')
    expect(performance.now() - started).toBeLessThan(30_000)
  })

  test('FM12 only a few harmless variables are handed on to children', () => {
    const given = {
      PATH: '/bin',
      HOME: '/h',
      TZ: 'UTC',
      LANG: 'C',
      LC_ALL: 'C',
      LD_LIBRARY_PATH: '/l',
      LC_TIME: undefined,
    }
    const kept = { PATH: '/bin', HOME: '/h', TZ: 'UTC', LANG: 'C', LC_ALL: 'C', LD_LIBRARY_PATH: '/l' }

    expect(
      childEnvironment({
        ...given,
        DATABASE_PASSWORD: 'x',
        PGPASSWORD: 'x',
        NODE_OPTIONS: 'x',
        MY_PATH: 'x',
        PATHS: 'x',
      }),
    ).toEqual(kept)
  })
})

function sh(script: string): Tool {
  return { command: '/bin/sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin' } }
}

async function firstChunk(stream: AsyncIterable<unknown> | null): Promise<void> {
  const iterator = stream?.[Symbol.asyncIterator]()
  await iterator?.next()
}
