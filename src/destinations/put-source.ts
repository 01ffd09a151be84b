import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { OperatorError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { networkReason } from '../system/network-error.ts'
import { volumeError } from '../volume-error.ts'

const READ_BYTES = 256 * 1024

/** What is sent: a file of the volume with what its manifest says of it, or a short text as it is at this moment. */
export type PutSource =
  | { readonly path: string; readonly bytes: number; readonly sha256: string }
  | { readonly content: Buffer }

/** A source whose size is what was promised. */
export interface OpenedSource {
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
  /** Its bytes from `start` on. Errors of the stream are those of the system; `sourceError` translates them. */
  stream(start: number): Readable
  /** The bytes from `start` on, `length` of them or all that follow. Rejects with an OperatorError. */
  read(start: number, length: number): Promise<Buffer>
  /** An error of the stream as an OperatorError; every other error as it is. */
  sourceError(error: unknown): unknown
}

/** Looks at the source. A file of another size than promised is refused as `incomplete`: it must not become a copy. */
export async function openPutSource(source: PutSource): Promise<OpenedSource> {
  return 'path' in source ? await fromFile(source) : fromContent(source.content)
}

function fromContent(content: Buffer): OpenedSource {
  return {
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    stream: start => Readable.from([content.subarray(start)], { objectMode: false }),
    read: (start, length) => Promise.resolve(content.subarray(start, start + length)),
    sourceError: error => error,
  }
}

async function fromFile(file: { path: string; bytes: number; sha256: string }): Promise<OpenedSource> {
  const { path, bytes, sha256 } = file
  const found = await sizeOf(path)
  if (found !== bytes) {
    const text = `${path}: ${found} bytes; expected the ${bytes} that its manifest names`
    throw new OperatorError('incomplete', text, {
      hint: 'the file on the volume was changed or cut after it was written',
    })
  }
  const streamErrors = new WeakSet<object>()
  return {
    bytes,
    sha256,
    stream(start) {
      const stream = createReadStream(path, { start, highWaterMark: READ_BYTES })
      return stream.on('error', error => {
        // A connection that breaks while a stream is piped into it destroys that stream with its own error.
        if (networkReason(codeOf(error)) === null) streamErrors.add(error)
      })
    },
    read: (start, length) => readPiece(path, start, Math.min(length, bytes - start)),
    sourceError: error => (error instanceof Error && streamErrors.has(error) ? volumeError(error, path) : error),
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    return size
  } catch (error) {
    throw volumeError(error, path)
  }
}

async function readPiece(path: string, start: number, length: number): Promise<Buffer> {
  try {
    await using file = await open(path)
    const piece = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await file.read(piece, filled, length - filled, start + filled)
      if (bytesRead === 0)
        throw new OperatorError('incomplete', `${path}: it became shorter while it was sent; expected no change`)
      filled += bytesRead
    }
    return piece
  } catch (error) {
    throw volumeError(error, path)
  }
}
