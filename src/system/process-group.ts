import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { LastLines } from './last-lines.ts'
import { FORCE_KILL_AFTER_MS, type Tool, type ToolExit } from './process.ts'

/** How the leader of a group ended, and the last lines that it or another one of the group printed. */
export interface GroupExit extends Pick<ToolExit, 'code' | 'signal'> {
  readonly output: readonly string[]
  readonly isTimedOut: boolean
}

/** How long what is printed may still come when nobody of the group is left to print. */
const DRAIN_MS = 500

/**
 * Runs a child as the leader of a group of its own. When it ends, its time is up or the signal aborts, the group ends with it: SIGTERM, and
 * five seconds later SIGKILL, for what it has started too. Throws what spawning throws, and never because of how it ended.
 */
export async function runGroup(
  tool: Tool,
  options: { readonly timeoutMs: number; readonly cwd: string },
  signal: AbortSignal,
): Promise<GroupExit> {
  signal.throwIfAborted()
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const ending = AbortSignal.any([signal, timeout])
  const { command, args, env } = tool
  const child = spawn(command, args, { env, cwd: options.cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = new LastLines()
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => output.add(piece))
  const closed = once(child, 'close').catch(() => {})
  const end = await endOf(child, ending)
  killGroup(child, 'SIGKILL')
  // One that has left the group may hold the pipes open.
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })])
  for (const stream of [child.stdout, child.stderr]) stream.destroy()
  return { ...end, output: output.lines(), isTimedOut: timeout.aborted && !signal.aborted }
}

async function endOf(child: ChildProcess, ending: AbortSignal): Promise<Pick<ToolExit, 'code' | 'signal'>> {
  let force: NodeJS.Timeout | undefined
  const stop = (): void => {
    killGroup(child, 'SIGTERM')
    force = setTimeout(() => killGroup(child, 'SIGKILL'), FORCE_KILL_AFTER_MS)
  }
  ending.addEventListener('abort', stop, { once: true })
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    return { code, signal }
  } finally {
    ending.removeEventListener('abort', stop)
    clearTimeout(force)
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody of it is left.
  }
}
