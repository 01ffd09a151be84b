import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type HookRunner, runHook, tryHook } from '../../src/hooks/run-hook.ts'
import type { LogFields } from '../../src/system/log.ts'
import { type HooksFolder, hooksFolder } from '../support/hooks.ts'
import { untilTrue } from '../support/until-true.ts'

const NEVER = new AbortController().signal
const HOOK = { name: 'before-source', facts: { source: 'wallet-db/tob' } } as const

function runnerFor(folder: HooksFolder, given: Partial<HookRunner> = {}): HookRunner & { lines: LogFields[] } {
  const lines: LogFields[] = []
  const add = (_: string, fields: LogFields = {}): void => void lines.push(fields)
  return {
    ...{ hooksDir: folder.path, backupDir: join(folder.path, 'volume'), timeoutMs: 60_000, runId: 'run-1' },
    ...{ env: { PATH: process.env.PATH }, log: { info: add, warn: add }, lines, ...given },
  }
}

async function refusal(runner: HookRunner): Promise<string> {
  return await runHook(runner, HOOK, NEVER).then(
    end => `ran: ${end}`,
    (error: unknown) => String(error),
  )
}

const outputOf = ({ lines }: ReturnType<typeof runnerFor>): string[] => (lines[0] as { output: string[] }).output

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')

describe('a hook', () => {
  test('FM251 is told by its environment, and gets nothing else of ours', async () => {
    using folder = hooksFolder()
    folder.write('before-source', 'env | sort')
    const env = {
      PATH: process.env.PATH,
      HOME: '/nowhere',
      DATABASE_PASSWORD: 'hidden',
      S3_PASSWORD: 'hidden',
      NODE_OPTIONS: '--x',
    }
    const runner = runnerFor(folder, { env })

    await runHook(runner, HOOK, NEVER)

    const names = outputOf(runner).map(line => line.split('=')[0])
    expect(names.filter(name => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? ''))).toEqual([
      ...['BACKUP_EVENT', 'BACKUP_RUN', 'BACKUP_SPEC', 'HOME', 'PATH'],
    ])
    expect(runner.lines[0]?.output).toContain('BACKUP_SPEC=wallet-db/tob')
  })

  test('that is not there is none, and 75 is a skip', async () => {
    using folder = hooksFolder()
    expect(await runHook(runnerFor(folder), HOOK, NEVER)).toBe('none')

    folder.write('before-source', 'exit 75')

    expect(await runHook(runnerFor(folder), HOOK, NEVER)).toBe('skip')
    expect(await tryHook(runnerFor(folder), HOOK, NEVER)).toMatch('too late to skip')
  })

  test('FM254 that fails says with what, and nothing that it printed', async () => {
    using folder = hooksFolder()
    folder.write('before-source', 'echo a-secret; exit 3')

    expect(await refusal(runnerFor(folder))).toBe(
      'OperatorError: hook before-source: ended with exit code 3; expected 0',
    )
  })

  test('FM252 that takes too long is ended with all that it has started', async () => {
    using folder = hooksFolder()
    const pids = join(folder.path, 'pids')
    folder.write(
      'before-source',
      `trap '' TERM; sleep 600 & echo $! > ${pids}; echo $$ >> ${pids}; while :; do wait; done`,
    )

    expect(await refusal(runnerFor(folder, { timeoutMs: 300 }))).toMatch('it took longer than 0.3 s and was ended')

    const started = readFileSync(pids, 'utf8').trim().split('\n').map(Number)
    expect(started).toHaveLength(2)
    await untilTrue(() => started.every(pid => !isAlive(pid)))
  }, 30_000)

  test('FM252 that ends leaves nothing running, and is not waited for by what holds its output', async () => {
    using folder = hooksFolder()
    const pids = join(folder.path, 'pids')
    folder.write('before-source', `sleep 600 & echo $! > ${pids}; setsid sleep 3 & echo done`)
    const startedMs = performance.now()

    expect(await refusal(runnerFor(folder))).toBe('ran: done')

    expect(performance.now() - startedMs).toBeLessThan(2_900)
    const pid = Number(readFileSync(pids, 'utf8'))
    await untilTrue(() => !isAlive(pid))
  })

  test('FM252 is ended when the run is', async () => {
    using folder = hooksFolder()
    const pids = join(folder.path, 'pids')
    folder.write('before-source', `echo $$ > ${pids}; exec sleep 600`)
    const stop = new AbortController()

    const running = runHook(runnerFor(folder), HOOK, stop.signal)
    running.catch(() => {})
    await untilTrue(() => existsSync(pids) && readFileSync(pids, 'utf8').endsWith('\n'))
    stop.abort(new Error('stop now'))

    await expect(running).rejects.toThrow('stop now')
    expect(isAlive(Number(readFileSync(pids, 'utf8')))).toBe(false)
  })

  test('FM255 cannot fill the memory, nor forge lines of the log', async () => {
    using folder = hooksFolder()
    folder.write('before-source', "head -c 50000000 /dev/zero | tr '\\0' x; printf '\\nred \\033[31m\\r\\nlast\\n'")
    const runner = runnerFor(folder)

    await runHook(runner, HOOK, NEVER)

    const output = outputOf(runner)
    expect(output.at(0)).toBe('…')
    expect(output.slice(-2)).toEqual(['red \\x1b[31m', 'last'])
    expect(output.join('').length).toBeLessThan(20_000)
  }, 30_000)
})

describe('FM253 no hook is run', () => {
  test('from a folder that is not there', async () => {
    using folder = hooksFolder()
    expect(await refusal(runnerFor(folder, { hooksDir: join(folder.path, 'none') }))).toMatch('no such folder')
  })

  test.each([0o777, 0o775, 0o1777])('from a folder of mode %o, also where none is in it', async mode => {
    using folder = hooksFolder()
    chmodSync(folder.path, mode)

    expect(await refusal(runnerFor(folder))).toMatch(`others may write to ${folder.path} (mode ${mode.toString(8)})`)
  })

  test.each([0o757, 0o775])('that has the mode %o', async mode => {
    using folder = hooksFolder()
    folder.write('before-source', 'exit 0', mode)

    expect(await refusal(runnerFor(folder))).toMatch('others may write to')
  })

  test('that is on the volume, also by a link', async () => {
    using folder = hooksFolder()
    const volume = join(folder.path, 'volume')
    mkdirSync(join(volume, 'hooks'), { recursive: true })
    writeFileSync(join(volume, 'hooks', 'before-source'), '#!/bin/sh\n', { mode: 0o755 })
    symlinkSync(join(volume, 'hooks'), join(folder.path, 'linked'))
    symlinkSync(join(volume, 'hooks', 'before-source'), join(folder.path, 'before-source'))

    expect(await refusal(runnerFor(folder, { hooksDir: join(volume, 'hooks') }))).toMatch('is on the volume')
    expect(await refusal(runnerFor(folder, { hooksDir: join(folder.path, 'linked') }))).toMatch('is on the volume')
    expect(await refusal(runnerFor(folder))).toMatch('is on the volume')
  })

  test('that is of another user, unless that is root', async () => {
    using folder = hooksFolder()
    const path = folder.write('before-source', 'exit 0')
    expect(await refusal(runnerFor(folder, { hooksDir: '/usr/bin' }))).toBe('ran: none')
    // Only root can give a file away.
    if (process.getuid?.() !== 0) return
    chownSync(path, 4242, 0)

    expect(await refusal(runnerFor(folder))).toMatch('is of user 4242; expected root')
  })

  test('below a folder in which others may rename it', async () => {
    using folder = hooksFolder()
    const hooksDir = join(folder.path, 'hooks')
    mkdirSync(hooksDir, { mode: 0o755 })
    chmodSync(folder.path, 0o777)

    expect(await refusal(runnerFor(folder, { hooksDir }))).toMatch(`others may write to ${folder.path} (mode 777)`)

    chmodSync(folder.path, 0o1777)
    expect(await refusal(runnerFor(folder, { hooksDir }))).toBe('ran: none')
  })

  test('that is no program', async () => {
    using folder = hooksFolder()
    folder.write('before-source', 'exit 0', 0o644)
    expect(await refusal(runnerFor(folder))).toMatch('it is not executable; expected a mode such as 0755')

    mkdirSync(join(folder.path, 'after-run'))
    const other = runHook(runnerFor(folder), { name: 'after-run', facts: {} }, NEVER)
    await expect(other).rejects.toThrow('no plain file')

    writeFileSync(join(folder.path, 'before-run'), '#!/no/such/shell\n', { mode: 0o755 })
    const third = runHook(runnerFor(folder), { name: 'before-run', facts: {} }, NEVER)
    await expect(third).rejects.toThrow('it could not be started (ENOENT)')
  })

  test('but one in a ConfigMap is, whose file is a link into a folder of its own', async () => {
    using folder = hooksFolder()
    mkdirSync(join(folder.path, '..2026'))
    writeFileSync(join(folder.path, '..2026', 'before-source'), '#!/bin/sh\n', { mode: 0o755 })
    symlinkSync('..2026', join(folder.path, '..data'))
    symlinkSync('..data/before-source', join(folder.path, 'before-source'))

    expect(await refusal(runnerFor(folder))).toBe('ran: done')
  })
})
