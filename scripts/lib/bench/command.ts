import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A command to measure. `env` is its whole environment. */
export interface BenchCommand {
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string>>
  /** Its working folder; also where its output is written to, which a failure shows the end of. */
  readonly folder: string
}

export interface CommandRun {
  readonly seconds: number
  /** The most resident memory that the process had, without its children (the kernel's VmHWM). */
  readonly peakBytes: number
}

/** Runs a command to its end, from start to exit. Throws when it exits other than 0, and when the signal stops it. */
export async function runCommand(command: BenchCommand, signal: AbortSignal): Promise<CommandRun> {
  signal.throwIfAborted()
  const log = path.join(command.folder, 'output.log')
  const output = openSync(log, 'w')
  try {
    const run = await timed(command, output, signal)
    signal.throwIfAborted()
    if (run.code === 0) return run
    throw new Error(`${command.argv.join(' ')}: exit code ${run.code}; expected 0\n${lastLines(log)}`)
  } finally {
    closeSync(output)
  }
}

async function timed(
  command: BenchCommand,
  output: number,
  signal: AbortSignal,
): Promise<CommandRun & { readonly code: number | null }> {
  const [program, ...args] = command.argv
  const started = performance.now()
  // A process group of its own, so that a pipeline can be stopped as a whole.
  const child = spawn(program, args, {
    cwd: command.folder,
    env: command.env,
    stdio: ['ignore', output, output],
    detached: true,
  })
  const stop = (): void => stopGroup(child)
  signal.addEventListener('abort', stop)
  const memory = watchMemory(child)
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return { code, seconds: (performance.now() - started) / 1000, peakBytes: memory.peakBytes() }
  } finally {
    memory.stop()
    signal.removeEventListener('abort', stop)
  }
}

function stopGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGTERM')
  } catch {
    // It ended by itself in this moment.
  }
}

/** The kernel keeps the highest value itself, so only what came in the last moment before the exit can be missed. */
function watchMemory(child: ChildProcess): { peakBytes(): number; stop(): void } {
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, residentPeak(child.pid))
  }, 20)
  return { peakBytes: () => peak, stop: () => clearInterval(timer) }
}

function residentPeak(pid: number | undefined): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kib ?? 0) * 1024
  } catch {
    return 0
  }
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
}
