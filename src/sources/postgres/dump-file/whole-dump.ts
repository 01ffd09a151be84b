import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { OperatorError } from '../../../errors.ts'
import { codeOf } from '../../../system/error-code.ts'
import { openPlainFile } from '../../../system/plain-file.ts'
import { volumeError } from '../../../volume-error.ts'
import { DumpScanner } from '../sql/dump-scanner.ts'

const TRAILER = '-- PostgreSQL database dump complete'

/**
 * Whether a gzip file can be read to its end and holds a whole dump: pg_dump's trailer as a comment between statements.
 * Roles may stand before or behind it, as in archives of the bash tool; a file of roles alone is no backup. Throws an
 * OperatorError of kind `volume` when the file can't be read at all, or the signal's reason.
 */
export async function holdsWholeDump(path: string, signal: AbortSignal): Promise<boolean> {
  let trailers = 0
  const scanner = new DumpScanner({
    comment: text => {
      if (text === TRAILER) trailers += 1
    },
    metaCommand: () => {},
    statement: () => {},
    copyStart: () => {},
    copyData: () => {},
    copyEnd: () => {},
  })
  try {
    await using file = await openPlainFile(path, 'read')
    await pipeline(file.createReadStream({ autoClose: false }), createGunzip(), scanAll(scanner), { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (isDamage(error)) return false
    throw volumeError(error, path)
  }
  return trailers > 0 && scanner.end() === null
}

function scanAll(scanner: DumpScanner): (chunks: AsyncIterable<Buffer>) => Promise<void> {
  return async chunks => {
    for await (const chunk of chunks) scanner.write(chunk)
  }
}

/** zlib's codes (`Z_DATA_ERROR`, `Z_BUF_ERROR` for a cut file), or text that no dump has. */
function isDamage(error: unknown): boolean {
  return codeOf(error).startsWith('Z_') || (error instanceof OperatorError && error.kind === 'incomplete')
}
