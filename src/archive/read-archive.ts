import { OperatorError } from '../errors.ts'
import { type Decompressor, findDecompressor, textByZlib } from './decompressor.ts'
import type { FileRange } from './file-range.ts'

/** This many bytes of text are no short part. */
const LONGEST_SHORT_PART = 64 * 1024 * 1024

/** Where a manifest says that a part lies: `bytes` compressed bytes from `offset`. */
export interface PartPlace {
  readonly part: string
  readonly offset: number
  readonly bytes: number
}

export interface ReadOptions {
  /** Its PATH is where igzip and pigz are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The parts of an archive, by name. Everything throws an OperatorError: `incomplete` for gzip data that is damaged or cut,
 * with the archive's name and how far its text came, `volume` when the file can't be read; or the signal's reason. A reader
 * of a stream that comes to its end has read whole gzip data; leaving early releases everything.
 */
export interface ReadableArchive {
  /** The text of a part of a few lines; null when the archive has none, or no manifest says where it is. */
  short(part: string, signal: AbortSignal): Promise<Buffer | null>
  /** The text of a part in bounded memory, read anew each time; empty where `short` is null. */
  long(part: string, signal: AbortSignal): AsyncIterable<Buffer>
  /** The whole text of the archive, whatever members it has, like `long`. */
  whole(signal: AbortSignal): AsyncIterable<Buffer>
}

/** Opens nothing yet: each call reads its own part. `parts`: those of the archive's manifest, none if it has none. */
export function openArchive(path: string, parts: readonly PartPlace[], options: ReadOptions): ReadableArchive {
  const rangeOf = (name: string): FileRange | null => rangeOfPart(path, parts, name)
  let decompressor: Promise<Decompressor> | null = null
  async function* textOf(range: FileRange, what: string, signal: AbortSignal): AsyncIterable<Buffer> {
    decompressor ??= findDecompressor(options.env)
    yield* (await decompressor).text(range, what, signal)
  }
  return {
    short: (part, signal) => shortPart(rangeOf(part), `the ${part} part`, signal),
    async *long(part, signal) {
      const range = rangeOf(part)
      if (range !== null) yield* textOf(range, `the ${part} part`, signal)
    },
    whole: signal => textOf({ path, offset: 0, bytes: null }, 'its gzip data', signal),
  }
}

function rangeOfPart(path: string, parts: readonly PartPlace[], name: string): FileRange | null {
  const part = parts.find(each => each.part === name)
  return part === undefined || part.bytes === 0 ? null : { path, offset: part.offset, bytes: part.bytes }
}

async function shortPart(range: FileRange | null, what: string, signal: AbortSignal): Promise<Buffer | null> {
  if (range === null) return null
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of textByZlib(range, what, signal)) {
    bytes += chunk.length
    if (bytes > LONGEST_SHORT_PART) {
      throw new OperatorError(
        'incomplete',
        `${range.path}: ${what} has more than ${LONGEST_SHORT_PART} bytes of text; expected a few lines`,
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
