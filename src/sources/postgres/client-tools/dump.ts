import type { Readable } from 'node:stream'
import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { type RunningTool, startTool, type ToolExit } from '../../../system/process.ts'
import { readToolMessages, type ToolReport } from '../connection/server-messages.ts'
import type { ClientTools } from './client-tools.ts'
import { keepaliveArgument, toolEnvironment } from './tool-environment.ts'

export interface DumpOptions {
  readonly tools: ClientTools
  readonly env: Readonly<Record<string, string | undefined>>
  /** Unique per dump: the watchdog finds the dump's session by it. */
  readonly applicationName: string
  /** The encoding of the database, so that nothing is converted. */
  readonly clientEncoding: string
  /** Server parameters of this session besides those that every dump has. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Only these parts of the dump; all of them by default (pg_dump's `--section`). */
  readonly sections?: readonly ('pre-data' | 'data' | 'post-data')[]
  /** How long pg_dump waits for its locks on tables; 0 is for ever. */
  readonly tableLockWaitMs: number
  readonly clock: Clock
  /** Gets every line that pg_dump prints, for the log of this pod only. */
  onStderr?(line: string): void
}

/** How far a dump is. */
export interface DumpProgress {
  readonly bytes: number
  /** Since when, by `clock.monotonicMs()`, we have been waiting for bytes; null while its reader is busy with the last ones. */
  readonly waitingSince: number | null
  readonly hasEnded: boolean
}

/** A running pg_dump. */
export interface Dump {
  readonly pid: number
  /**
   * The dump's bytes, to be read once. It throws an OperatorError unless pg_dump ended with exit code 0, and the signal's
   * reason after an abort: a reader that comes to its end has a whole dump. Leaving it early ends pg_dump.
   */
  readonly stream: AsyncIterable<Buffer>
  progress(): DumpProgress
  /** What pg_dump said that it left out, and its other warnings; whole only after the stream's end. */
  report(): Pick<ToolReport, 'omitted' | 'notes'>
  /** Ends pg_dump; the stream then throws this error. May be called again. */
  stop(error: OperatorError): void
}

/** Starts pg_dump in plain format. No secret is among its arguments, and it never asks for a password. */
export function startDump(target: DatabaseTarget, options: DumpOptions, signal: AbortSignal): Dump {
  const state: State = { bytes: 0, waitingSince: null, hasEnded: false, stoppedBy: null, stderr: [] }
  const onStderr = (line: string): void => {
    if (state.stderr.length < KEPT_LINES) state.stderr.push(line)
    options.onStderr?.(line)
  }
  const tool = startTool(dumpTool(target, options), { stdin: 'ignore', stdout: 'pipe', onStderr }, signal)
  return {
    pid: tool.pid,
    stream: bytesOf(tool, { state, clock: options.clock, place: targetName(target) }, signal),
    progress: () => ({ bytes: state.bytes, waitingSince: state.waitingSince, hasEnded: state.hasEnded }),
    report: () => {
      const { omitted, notes } = readToolMessages(state.stderr)
      return { omitted, notes }
    },
    stop(error) {
      state.stoppedBy ??= error
      tool.stop()
    },
  }
}

/** The first lines tell what was left out; a flood of them must not fill the memory. */
const KEPT_LINES = 2_000

interface State {
  bytes: number
  waitingSince: number | null
  hasEnded: boolean
  stoppedBy: OperatorError | null
  readonly stderr: string[]
}

function dumpTool(target: DatabaseTarget, options: DumpOptions) {
  return {
    command: options.tools.pgDump,
    args: [
      '--format=plain',
      '--no-password',
      `--lock-wait-timeout=${options.tableLockWaitMs}`,
      ...(options.sections ?? []).map(section => `--section=${section}`),
      keepaliveArgument(),
    ],
    env: toolEnvironment(target, options),
  }
}

interface Reading {
  readonly state: State
  readonly clock: Clock
  readonly place: string
}

async function* bytesOf(tool: RunningTool, reading: Reading, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { state, clock } = reading
  try {
    state.waitingSince = clock.monotonicMs()
    for await (const chunk of stdoutOf(tool)) {
      state.bytes += chunk.length
      state.waitingSince = null
      yield chunk
      state.waitingSince = clock.monotonicMs()
    }
    judge(await exitOf(tool, reading.place), reading, signal)
  } catch (error) {
    throw signal.aborted ? signal.reason : (state.stoppedBy ?? error)
  } finally {
    state.hasEnded = true
    state.waitingSince = null
    tool.stop()
    await tool.exit.catch(() => {})
  }
}

async function exitOf(tool: RunningTool, place: string): Promise<ToolExit> {
  return await tool.exit.catch((error: unknown) => {
    throw new OperatorError('tools', `${place}: pg_dump could not be started; expected the PostgreSQL client tools`, {
      logOnly: [String(error)],
    })
  })
}

function stdoutOf(tool: RunningTool): AsyncIterable<Buffer> {
  return tool.stdout === null ? emptyStream() : (tool.stdout satisfies Readable)
}

async function* emptyStream(): AsyncGenerator<Buffer> {}

/** Throws unless pg_dump ended well. */
function judge(exit: ToolExit, reading: Reading, signal: AbortSignal): void {
  signal.throwIfAborted()
  if (reading.state.stoppedBy !== null) throw reading.state.stoppedBy
  if (exit.code === 0) return
  const { failure } = readToolMessages(exit.stderr)
  if (failure !== null) {
    throw new OperatorError(failure.kind, `${reading.place}: pg_dump: ${failure.text}`, {
      ...(failure.hint === null ? {} : { hint: failure.hint }),
      ...(failure.sqlstate === null ? {} : { sqlstate: failure.sqlstate }),
      ...(failure.object === null ? {} : { object: failure.object }),
      logOnly: exit.stderr,
    })
  }
  throw exit.code === null ? killed(reading.place, exit) : unexplained(reading.place, exit)
}

function killed(place: string, exit: ToolExit): OperatorError {
  return new OperatorError('incomplete', `${place}: pg_dump was killed by ${exit.signal}; expected exit code 0`, {
    ...(exit.signal === 'SIGKILL'
      ? { hint: 'a container that runs out of memory kills its processes: check its limit' }
      : {}),
    logOnly: exit.stderr,
  })
}

function unexplained(place: string, exit: ToolExit): OperatorError {
  return new OperatorError('server', `${place}: pg_dump ended with exit code ${exit.code}; expected 0`, {
    hint: "its words stand in this pod's log",
    logOnly: exit.stderr,
  })
}
