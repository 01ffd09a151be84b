import type { FileHandle } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { OperatorError } from '../errors.ts'
import { openPlainFile } from '../system/plain-file.ts'
import { volumeError } from '../volume-error.ts'

const READ_BYTES = 256 * 1024

/** Some bytes of a file. `bytes` null: all of them from `offset` on. */
export interface FileRange {
  readonly path: string
  readonly offset: number
  readonly bytes: number | null
}

/** An open file and where in it to read. */
export interface OpenRange extends AsyncDisposable {
  readonly path: string
  readonly file: FileHandle
  readonly offset: number
  readonly bytes: number
}

/**
 * Opens a range for reading. Throws an OperatorError: `incomplete` when the file ends before the range does, `volume`
 * when it can't be read.
 */
export async function openRange(range: FileRange): Promise<OpenRange> {
  const file = await openPlainFile(range.path, 'read').catch(error => {
    throw volumeError(error, range.path)
  })
  try {
    const { size } = await file.stat()
    const bytes = range.bytes ?? Math.max(0, size - range.offset)
    if (range.offset + bytes > size) throw tooShort(range.path, size, range.offset + bytes)
    return { path: range.path, file, offset: range.offset, bytes, [Symbol.asyncDispose]: () => file.close() }
  } catch (error) {
    await file.close()
    throw volumeError(error, range.path)
  }
}

function tooShort(path: string, size: number, expected: number): OperatorError {
  return new OperatorError('incomplete', `${path}: it ends behind ${size} bytes; expected ${expected}`, {
    hint: 'the file was cut: take another copy of it, or another archive',
  })
}

/** The last bytes of a range, at most `count`. Throws as feedRange does. */
export async function endOfRange(range: OpenRange, count: number): Promise<Buffer> {
  const bytes = Math.min(count, range.bytes)
  const buffer = Buffer.alloc(bytes)
  await readFully(range, buffer, range.bytes - bytes)
  return buffer
}

/**
 * Writes a range into `sink` and ends it. One buffer serves all reads, so that the garbage collector has nothing to do;
 * the sink must be done with a chunk when it calls back. Throws an OperatorError (`volume`, `incomplete`) when reading
 * fails; a sink that fails or is destroyed ends it without an error: whoever reads from it knows why.
 */
export async function feedRange(range: OpenRange, sink: Writable, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, range.bytes))
  let at = 0
  sink.on('error', () => {})
  try {
    while (at < range.bytes && !signal.aborted && !sink.destroyed) {
      const chunk = buffer.subarray(0, Math.min(buffer.length, range.bytes - at))
      await readFully(range, chunk, at)
      at += chunk.length
      if (!(await written(sink, chunk))) return
    }
    sink.end()
  } catch (error) {
    sink.destroy()
    throw error
  }
}

/** Fills `buffer` from `at` on, counted from the range's beginning. */
async function readFully(range: OpenRange, buffer: Buffer, at: number): Promise<void> {
  for (let filled = 0; filled < buffer.length; ) {
    const position = range.offset + at + filled
    const { bytesRead } = await range.file.read(buffer, filled, buffer.length - filled, position).catch(error => {
      throw volumeError(error, range.path)
    })
    if (bytesRead === 0) throw tooShort(range.path, position, range.offset + range.bytes)
    filled += bytesRead
  }
}

/** False when the sink took the chunk no more. It may be destroyed without ever calling back. */
async function written(sink: Writable, chunk: Buffer): Promise<boolean> {
  return await new Promise(resolve => {
    const closed = (): void => resolve(false)
    sink.once('close', closed)
    sink.write(chunk, error => {
      sink.off('close', closed)
      resolve(error === null || error === undefined)
    })
  })
}
