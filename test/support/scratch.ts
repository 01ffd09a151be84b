import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ScratchServerInput } from '../../src/sources/postgres/scratch/scratch-server.ts'
import { chooseServerBinaries, findServerBinaries } from '../../src/sources/postgres/scratch/server-binaries.ts'
import { systemClock } from '../../src/system/clock.ts'

/** A VERIFICATION_DIR of its own, which every user may pass through; removed when disposed of. */
export interface VerificationDir extends Disposable {
  readonly path: string
  /** What lies in it. */
  names(): readonly string[]
}

export function verificationDir(): VerificationDir {
  const folder = mkdtempSync(path.join(tmpdir(), 'verification-'))
  chmodSync(folder, 0o755)
  return {
    path: folder,
    names: () => readdirSync(folder).toSorted(),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What starts a scratch server of the oldest installed major in `folder`. */
export async function scratchInput(folder: string): Promise<ScratchServerInput> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME }
  const binaries = chooseServerBinaries(await findServerBinaries(env, AbortSignal.timeout(10_000)), 10)
  return { binaries, folder, runId: 'run-1', clock: systemClock, readyTimeoutMs: 60_000, env }
}

/** The folder in which a running scratch server has its socket. */
export function socketFolderOf(dir: string, marker: string): string {
  const { socketFolder } = JSON.parse(readFileSync(path.join(dir, marker), 'utf8')) as { readonly socketFolder: string }
  return socketFolder
}

const PROGRAM = fileURLToPath(new URL('./scratch-run.ts', import.meta.url))

/** What a program of its own that started a scratch server printed, and what it is at. */
export interface ScratchRun {
  readonly child: ChildProcess
  /** Resolves with its first line, as JSON. */
  readonly said: Promise<Readonly<Record<string, unknown>>>
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** Starts a scratch server in a program of its own, as another user if `prefix` says so (such as setpriv and its flags). */
export function runScratch(dir: string, then: 'end' | 'stay', prefix: readonly string[] = []): ScratchRun {
  const [command = '', ...args] = [...prefix, process.execPath, PROGRAM, dir, then]
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
    cwd: '/',
  })
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  return { child, said: firstLine(child), exit }
}

function firstLine(child: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
  let text = ''
  return new Promise((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const [line = '', rest] = text.split('\n', 2)
      if (rest !== undefined) resolve(JSON.parse(line) as Readonly<Record<string, unknown>>)
    })
    child.on('close', () => reject(new Error(`it ended without a line; it printed: ${text}`)))
  })
}
