import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Remark } from '../events.ts'
import { volumeError } from '../volume-error.ts'
import { type OpenRange, openRange } from './file-range.ts'

const READ_BYTES = 1 << 20

/**
 * Reads an archive once and compares its size and SHA-256 (hexadecimal) with what its manifest says. Null when both are
 * the same, else what differs. Throws an OperatorError of kind `volume` when the file can't be read, or the signal's
 * reason.
 */
export async function checkArchiveFile(
  path: string,
  expected: { readonly storedBytes: number; readonly sha256: string },
  signal: AbortSignal,
): Promise<Remark | null> {
  await using range = await openRange({ path, offset: 0, bytes: null })
  if (range.bytes !== expected.storedBytes) {
    return remark(path, `${range.bytes} bytes; expected the ${expected.storedBytes} that its manifest names`)
  }
  const sha256 = await hashOf(range, signal)
  return sha256 === expected.sha256.toLowerCase()
    ? null
    : remark(path, 'its SHA-256 is another one than its manifest names; the file was changed after it was written')
}

/** Size and SHA-256 of an archive as it is. Throws as above. */
export async function hashArchiveFile(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly storedBytes: number; readonly sha256: string }> {
  await using range = await openRange({ path, offset: 0, bytes: null })
  return { storedBytes: range.bytes, sha256: await hashOf(range, signal) }
}

async function hashOf({ file, path }: Pick<OpenRange, 'file' | 'path'>, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, buffer.length).catch(error => {
      throw volumeError(error, path)
    })
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(buffer.subarray(0, bytesRead))
  }
}

function remark(path: string, found: string): Remark {
  return { kind: 'archive', name: basename(path), sqlstate: null, text: found }
}
