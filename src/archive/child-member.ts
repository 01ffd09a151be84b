import type { FileHandle } from 'node:fs/promises'
import { OperatorError } from '../errors.ts'
import { FORCE_KILL_AFTER_MS, type RunningTool, startTool, type Tool, type ToolExit } from '../system/process.ts'
import type { GzipMember } from './gzip-member.ts'

/**
 * How many bytes may wait for the compressor. Without this queue it and pg_dump take turns instead of working at the same
 * time.
 */
const QUEUE_BYTES = 2 * 1024 * 1024

/** A member written by a child process straight into the file, so that compressed bytes never pass through us. */
export class ChildMember implements GzipMember {
  readonly #tool: RunningTool
  readonly #command: string
  readonly #signal: AbortSignal
  #broken = false
  #exited = false
  #wake = (): void => {}

  constructor(tool: Tool, file: FileHandle, signal: AbortSignal) {
    this.#command = tool.command
    this.#signal = signal
    this.#tool = startTool(tool, { stdin: 'pipe', stdout: file.fd }, signal)
    this.#tool.exit.then(
      () => {
        this.#exited = true
      },
      () => {},
    )
    // A compressor that dies closes the pipe: the reason is its exit, not our EPIPE.
    this.#tool.stdin?.on('error', () => {
      this.#broken = true
    })
  }

  async write(chunk: Buffer): Promise<void> {
    this.#signal.throwIfAborted()
    const { stdin } = this.#tool
    if (stdin === null || this.#broken || stdin.destroyed) return this.#fail()
    stdin.write(chunk, () => this.#wake())
    while (stdin.writableLength > QUEUE_BYTES && !this.#broken) await this.#someWritten()
    this.#signal.throwIfAborted()
    if (this.#broken || stdin.destroyed) await this.#fail()
  }

  async end(): Promise<void> {
    this.#tool.stdin?.end()
    const exit = await this.#tool.exit
    this.#signal.throwIfAborted()
    if (exit.code !== 0 || this.#broken) await this.#fail()
  }

  async abandon(): Promise<Error | null> {
    const endedBefore = this.#exited
    const stoppedMs = performance.now()
    this.#tool.stop()
    const exit = await this.#tool.exit.catch(() => null)
    if (exit === null) return null
    // Its end may not have been heard of yet; then it is not the one that was asked for.
    const isStopped = exit.signal === 'SIGTERM' || performance.now() - stoppedMs >= FORCE_KILL_AFTER_MS
    return endedBefore || !isStopped ? this.#failure(exit) : null
  }

  /** Every write calls back, also those that fail because the child is gone. */
  async #someWritten(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#wake = resolve
    })
  }

  async #fail(): Promise<never> {
    const exit = await this.#tool.exit
    this.#signal.throwIfAborted()
    throw this.#failure(exit)
  }

  #failure(exit: ToolExit): OperatorError {
    const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`
    return new OperatorError('volume', `${this.#command}: ended with ${how} while it wrote the archive; expected 0`, {
      hint: 'is the volume full, over its quota or read-only?',
      logOnly: exit.stderr,
    })
  }
}
