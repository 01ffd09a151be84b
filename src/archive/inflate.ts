import { createGunzip } from 'node:zlib'
import { codeOf } from '../system/error-code.ts'
import { damaged, type Place } from './damage.ts'
import { feedRange, type OpenRange } from './file-range.ts'

const CHUNK_BYTES = 64 * 1024

/**
 * The text of a range of gzip members, by Node's zlib. Throws an OperatorError: `incomplete` when a member is damaged or
 * cut, or when anything but members is in the range (zlib alone would pass over zeros behind the last); `volume` when
 * the file can't be read. Leaving it early releases everything.
 */
export async function* inflate(range: OpenRange, place: Place, signal: AbortSignal): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  const feeding = feedRange(range, gunzip, signal).then(
    () => null,
    (error: unknown) => ({ error }),
  )
  const abort = (): void => void gunzip.destroy()
  signal.addEventListener('abort', abort, { once: true })
  let textBytes = 0
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      textBytes += chunk.length
      yield chunk
    }
    signal.throwIfAborted()
    if (gunzip.bytesWritten !== range.bytes) throw damaged(place, textBytes)
  } catch (error) {
    signal.throwIfAborted()
    const failure = gunzip.destroyed && !isZlibError(error) ? await feeding : null
    throw failure?.error ?? (isZlibError(error) ? damaged(place, textBytes, [String(error)]) : error)
  } finally {
    signal.removeEventListener('abort', abort)
    gunzip.destroy()
    await feeding
  }
}

function isZlibError(error: unknown): boolean {
  return codeOf(error).startsWith('Z_')
}
