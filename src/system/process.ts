import type { Readable, Writable } from 'node:stream'
import { execa } from 'execa'
import { boundedLines } from './bounded-lines.ts'

/** How many of the last lines of a tool's stderr are kept; the rest is handed to `onStderr` and forgotten. */
const KEPT_STDERR_LINES = 200
/** How long after it was asked to end a child is killed. */
export const FORCE_KILL_AFTER_MS = 5_000

/** A program to run. `env` is the child's whole environment; secrets may stand there, never in `args`. */
export interface Tool {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** How a child ended: an exit code or the signal that killed it, and the last lines that it wrote to stderr. */
export interface ToolExit {
  readonly code: number | null
  readonly signal: string | null
  readonly stderr: readonly string[]
}

export interface RunningTool {
  readonly pid: number
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  /** Never rejects because of how the child ended: whoever started it decides what an exit code means. */
  readonly exit: Promise<ToolExit>
  /** SIGTERM now, SIGKILL five seconds later; may be called again. */
  stop(): void
}

export interface StartOptions {
  readonly stdin: 'ignore' | 'pipe'
  /** A number is an open file descriptor that the child writes to. */
  readonly stdout: 'pipe' | 'ignore' | number
  onStderr?(line: string): void
}

/** Starts a child; aborting the signal stops it. Throws what spawning throws, such as ENOENT. */
export function startTool(tool: Tool, options: StartOptions, signal: AbortSignal): RunningTool {
  const child = execa(tool.command, tool.args, {
    stdin: options.stdin,
    // execa's types leave out descriptors above 2, which it takes all the same.
    stdout: options.stdout as 'pipe',
    stderr: 'pipe',
    env: tool.env,
    extendEnv: false,
    buffer: false,
    reject: false,
    cancelSignal: signal,
    forceKillAfterDelay: FORCE_KILL_AFTER_MS,
  })
  const stderr: string[] = []
  const stderrEnded = keepLastLines(child.stderr, stderr, options.onStderr)
  const exit = (async (): Promise<ToolExit> => {
    const result = await child
    await stderrEnded
    const ran = result.exitCode !== undefined || result.signal !== undefined || signal.aborted
    if (!ran && result.cause !== undefined) throw new Error(`${tool.command}: not started`, { cause: result.cause })
    return { code: result.exitCode ?? null, signal: result.signal ?? null, stderr }
  })()
  exit.catch(() => {})
  return { pid: child.pid ?? -1, stdin: child.stdin, stdout: child.stdout, exit, stop: () => void child.kill() }
}

/** Runs a child whose output is small and returns all of it. After `timeoutMs` the child is stopped. */
export async function runTool(
  tool: Tool,
  options: { readonly timeoutMs: number },
  signal: AbortSignal,
): Promise<ToolExit & { readonly stdout: string }> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)])
  const running = startTool(tool, { stdin: 'ignore', stdout: 'pipe' }, bounded)
  const chunks: Buffer[] = []
  for await (const chunk of running.stdout ?? []) chunks.push(chunk as Buffer)
  return { ...(await running.exit), stdout: Buffer.concat(chunks).toString('utf8') }
}

/** The only variables of our own environment that a child gets; everything else it needs is set by name. */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const passed = Object.entries(env).filter(([name]) => /^(PATH|HOME|TZ|LANG|LC_[A-Z]+|LD_LIBRARY_PATH)$/.test(name))
  return Object.fromEntries(passed.filter((entry): entry is [string, string] => entry[1] !== undefined))
}

async function keepLastLines(stream: Readable, kept: string[], onLine?: (line: string) => void): Promise<void> {
  for await (const line of boundedLines(stream as AsyncIterable<Buffer>)) {
    onLine?.(line)
    kept.push(line)
    if (kept.length > KEPT_STDERR_LINES) kept.shift()
  }
}
