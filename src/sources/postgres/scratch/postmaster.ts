import { readFile, readlink } from 'node:fs/promises'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { ignoring } from '../../../system/error-code.ts'
import { runTool, startTool, type ToolExit } from '../../../system/process.ts'
import type { Confinement } from './confinement.ts'
import type { ScratchPlace } from './scratch-place.ts'
import type { ServerBinaries } from './server-binaries.ts'
import { serverEnvironment } from './server-environment.ts'
import { asServerUser, type ServerUser } from './server-user.ts'

const STOP_TIMEOUT_MS = 10_000
const SESSIONS_LEAVE_WITHIN_MS = 3_000
const ASK_EVERY_MS = 50

/** The process of a scratch server. */
export interface Postmaster {
  /** Aborted, with an OperatorError, when it ends without having been told to. */
  readonly exited: AbortSignal
  /** Ends it and all its sessions at once, and leaves nothing of it in the system. May be called again; never throws. */
  stop(): Promise<void>
}

export interface PostmasterInput {
  readonly place: ScratchPlace
  readonly binaries: ServerBinaries
  readonly user: ServerUser
  readonly confinement: Pick<Confinement, 'flags'>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Gets what the server logs. It may quote rows: for the pod's log only. */
  onLine?(line: string): void
}

/** Starts the server as a child in the foreground, which ends when this process does. */
export function startPostmaster(input: PostmasterInput): Postmaster {
  const { place, binaries, env, clock } = input
  const tool = { command: binaries.postgres, args: ['-D', place.dataFolder], env: serverEnvironment(env) }
  const options = { stdin: 'ignore', stdout: 'ignore', ...(input.onLine && { onStderr: input.onLine }) } as const
  // Not with the run's signal: a SIGTERM lets a server wait for its sessions, and the SIGKILL after it leaves them.
  const child = startTool(
    asServerUser(input.user, tool, input.confinement.flags),
    options,
    new AbortController().signal,
  )
  const exited = new AbortController()
  let stopping: Promise<void> | undefined
  const ended = child.exit.then(
    exit => {
      if (stopping === undefined) exited.abort(unexpectedEnd(exit))
    },
    (error: unknown) => exited.abort(error),
  )
  const stop = async (): Promise<void> => {
    const memory = await sharedMemoryOf(place)
    send(child.pid, 'SIGQUIT')
    const timeout = new AbortController()
    const kill = clock.sleep(STOP_TIMEOUT_MS, timeout.signal).then(
      () => send(child.pid, 'SIGKILL'),
      () => {},
    )
    await ended
    timeout.abort()
    await kill
    await releaseMemory(memory, input)
  }
  return { exited: exited.signal, stop: () => (stopping ??= stop()) }
}

/** Sends a signal to a process that may have gone already. */
export function send(pid: number, signal: 'SIGQUIT' | 'SIGKILL'): void {
  try {
    if (pid > 1) process.kill(pid, signal)
  } catch {
    // It has gone, or is not ours to end.
  }
}

/** The System V segment of a server: line 7 of postmaster.pid ends with its id. Null without one. */
export async function sharedMemoryOf(place: ScratchPlace): Promise<string | null> {
  const lines = (await postmasterFile(place)).split('\n')
  return /^\s*\d+\s+(\d+)\s*$/.exec(lines[6] ?? '')?.[1] ?? null
}

/**
 * Removes the segment that a server leaves when it is killed, as soon as its sessions, which notice that by themselves,
 * have left it. Does nothing while anybody uses it, or when it has gone.
 */
export async function releaseMemory(
  id: string | null,
  { clock, env }: Pick<PostmasterInput, 'clock' | 'env'>,
): Promise<void> {
  for (let asked = 0; id !== null && asked < SESSIONS_LEAVE_WITHIN_MS / ASK_EVERY_MS; asked++) {
    const users = await usersOf(id)
    if (users === null) return
    if (users === 0) return await removeSegment(id, env)
    await clock.sleep(ASK_EVERY_MS, new AbortController().signal)
  }
}

/** How many processes have a segment; null if there is none with this id. */
async function usersOf(id: string): Promise<number | null> {
  const table = await readFile('/proc/sysvipc/shm', 'utf8').catch(() => '')
  const entry = table
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .find(fields => fields[1] === id)
  return entry === undefined ? null : Number(entry[6])
}

async function removeSegment(id: string, env: PostmasterInput['env']): Promise<void> {
  const tool = { command: 'ipcrm', args: ['-m', id], env: serverEnvironment(env) }
  await runTool(tool, { timeoutMs: 5_000 }, AbortSignal.timeout(6_000)).catch(() => {})
}

/** The process id of a server that runs in this very folder; null if there is none, or it can't be told to be that one. */
export async function runningIn(place: ScratchPlace): Promise<number | null> {
  const pid = Number((await postmasterFile(place)).split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 1) return null
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const [program, ...args] = command.split('\0')
  const isOurs = program !== undefined && /(^|\/)postgres$/.test(program) && args.includes(place.dataFolder)
  const folder = isOurs ? await readlink(`/proc/${pid}/cwd`).catch(() => null) : null
  return folder === null || folder === place.dataFolder ? (isOurs ? pid : null) : null
}

async function postmasterFile(place: ScratchPlace): Promise<string> {
  return (
    (await readFile(`${place.dataFolder}/postmaster.pid`, 'utf8').catch(ignoring('ENOENT', 'EACCES', 'ENOTDIR'))) ?? ''
  )
}

function unexpectedEnd(exit: ToolExit): OperatorError {
  const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal
  const killed = exit.signal === 'SIGKILL'
  return new OperatorError(
    'server',
    `scratch server: it ended with ${how}; expected it to run until the proof is over`,
    {
      hint: killed
        ? 'probably the memory of the pod was used up: raise its limit'
        : "its last words stand in this pod's log; memory and space of the pod are the usual reasons",
      logOnly: exit.stderr,
    },
  )
}
