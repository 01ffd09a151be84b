import type { FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { GzipMember } from './gzip-member.ts'
import { writeAll } from './write-all.ts'

const compress = promisify(gzip)
const LEVEL = 1
const BLOCK_BYTES = 1 << 20
/** One block for each of Node's compressing threads that two cores can keep busy, and one being filled. */
const BLOCKS_IN_FLIGHT = 3

/**
 * A run of members written by Node's zlib: blocks of 1 MiB are compressed by its thread pool, a few at a time, and
 * written in order. RFC 1952 section 2.2: members one after the other read as one file.
 */
export class ZlibMember implements GzipMember {
  readonly #file: FileHandle
  readonly #signal: AbortSignal
  readonly #inFlight: Promise<Buffer>[] = []
  #block: Buffer[] = []
  #blockBytes = 0
  #blocks = 0

  constructor(file: FileHandle, signal: AbortSignal) {
    this.#file = file
    this.#signal = signal
  }

  async write(chunk: Buffer): Promise<void> {
    this.#signal.throwIfAborted()
    this.#block.push(chunk)
    this.#blockBytes += chunk.length
    if (this.#blockBytes < BLOCK_BYTES) return
    this.#startBlock()
    if (this.#inFlight.length >= BLOCKS_IN_FLIGHT) await this.#writeOldest()
  }

  async end(): Promise<void> {
    if (this.#blockBytes > 0 || this.#blocks === 0) this.#startBlock()
    while (this.#inFlight.length > 0) await this.#writeOldest()
  }

  async abandon(): Promise<null> {
    await Promise.allSettled(this.#inFlight)
    return null
  }

  #startBlock(): void {
    const compressed = compress(Buffer.concat(this.#block), { level: LEVEL })
    // It is awaited when its turn comes; a failure until then must not count as unhandled.
    compressed.catch(() => {})
    this.#inFlight.push(compressed)
    this.#block = []
    this.#blockBytes = 0
    this.#blocks += 1
  }

  async #writeOldest(): Promise<void> {
    const compressed = await this.#inFlight.shift()
    this.#signal.throwIfAborted()
    if (compressed !== undefined) await writeAll(this.#file, compressed)
  }
}
