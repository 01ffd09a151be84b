import { basename } from 'node:path'
import { crc32 } from 'node:zlib'
import { OperatorError } from '../errors.ts'
import { startTool, type Tool, type ToolExit } from '../system/process.ts'
import { damaged, type Place } from './damage.ts'
import { endOfRange, feedRange, type OpenRange } from './file-range.ts'
import { inflate } from './inflate.ts'

/** RFC 1952 section 2.3.1: a member ends with the CRC-32 and the length modulo 2³² of its text. */
const TRAILER_BYTES = 8
/** The members that this program writes by itself are shorter; of a longer one only the length is compared. */
const LONGEST_TAIL = 2 * 1024 * 1024

/**
 * The text of a range of gzip members, by a program. Throws what `inflate` throws. igzip 2.30 and pigz 2.6 exit 1 for
 * members that are cut or whose checksum is wrong, but pass over garbage behind the last one, and pigz over the first
 * nine bytes of another member: what ends the range is therefore held against what came out. Leaving it early stops
 * the program.
 */
export async function* inflateByChild(
  tool: Tool,
  range: OpenRange & { readonly what: string },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const place: Place = range
  const end = new MemberEnd(await endOfRange(range, TRAILER_BYTES))
  const child = startTool(tool, { stdin: 'pipe', stdout: 'pipe' }, signal)
  const feeding = child.stdin === null ? Promise.resolve() : feedRange(range, child.stdin, signal)
  // It is awaited below; a failure until then must not count as unhandled.
  feeding.catch(() => {})
  try {
    for await (const chunk of (child.stdout ?? []) as AsyncIterable<Buffer>) {
      end.add(chunk)
      yield chunk
    }
    judge(await exitOf(child.exit, feeding), { place, textBytes: end.textBytes }, signal)
    if (!end.fits()) await drain(inflate(range, place, signal))
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    child.stop()
    await Promise.allSettled([child.exit, feeding])
  }
}

/** A range that could not be read comes before what the program made of the rest. */
async function exitOf(exit: Promise<ToolExit>, feeding: Promise<void>): Promise<ToolExit> {
  await feeding
  return await exit
}

function judge(exit: ToolExit, read: { readonly place: Place; readonly textBytes: number }, signal: AbortSignal): void {
  signal.throwIfAborted()
  if (exit.code === 0) return
  if (exit.signal === null) throw damaged(read.place, read.textBytes, exit.stderr)
  const found = `the program that decompresses it was killed by ${exit.signal}`
  throw new OperatorError('tools', `${basename(read.place.path)}: ${found}; expected exit code 0`, {
    hint: 'a container that runs out of memory kills its processes: check its limit',
    logOnly: exit.stderr,
  })
}

/** Reads to the end: zlib in this process is slower, and knows exactly where the last member ends. */
async function drain(text: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of text);
}

/** Whether the last eight bytes of a range are the trailer of the member that the text ended with. */
class MemberEnd {
  textBytes = 0
  readonly #crc: number
  readonly #length: number
  #tail: Buffer[] = []
  #tailBytes = 0

  constructor(trailer: Buffer) {
    const whole = trailer.length === TRAILER_BYTES
    this.#crc = whole ? trailer.readUInt32LE(0) : 0
    this.#length = whole ? trailer.readUInt32LE(4) : 0
  }

  add(chunk: Buffer): void {
    this.textBytes += chunk.length
    if (this.#length > LONGEST_TAIL) return
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    while (this.#tailBytes - (this.#tail[0]?.length ?? 0) >= this.#length && this.#tail.length > 1) {
      this.#tailBytes -= this.#tail.shift()?.length ?? 0
    }
  }

  /** False also when it can't be told. */
  fits(): boolean {
    if (this.#length === 0) return false
    if (this.textBytes % 2 ** 32 === this.#length) return true
    if (this.#tailBytes < this.#length || this.#length > LONGEST_TAIL) return false
    const tail = Buffer.concat(this.#tail)
    return crc32(tail.subarray(tail.length - this.#length)) === this.#crc
  }
}
