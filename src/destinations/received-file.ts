import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Transform, type Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { OperatorError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { volumeError } from '../volume-error.ts'
import { type Get, notAllArrived, type Received } from './destination.ts'

interface Expected extends Get {
  /** How many bytes the other side says that it has; null where it does not say. */
  readonly bytes: number | null
  /** Where that is, for messages. */
  readonly place: string
}

/**
 * Makes a file of mode 0600 that must not exist yet, lets `fill` write and end the stream, and resolves with size and
 * hash of what came. It takes no byte more than was announced. If anything fails, the file is gone again (one that was
 * there before stays), and the error is that of `fill`, or one of the volume.
 */
export async function receiveFile(expected: Expected, fill: (into: Writable) => Promise<unknown>): Promise<Received> {
  const { path } = expected
  if (expected.bytes !== null && expected.bytes > expected.mostBytes) throw tooLong(expected, `${expected.bytes} bytes`)
  const most = expected.bytes ?? expected.mostBytes
  const hash = createHash('sha256')
  let bytes = 0
  const counter = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes > most) {
        done(tooLong({ ...expected, mostBytes: most }, 'longer than announced'))
        return
      }
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  const opened = new Promise<void>((resolve, reject) => file.once('open', () => resolve()).once('error', reject))
  await opened.catch(error => {
    throw volumeError(error, path)
  })
  const written = pipeline(counter, file)
  written.catch(() => {})
  try {
    await fill(counter)
    await written
    if (expected.bytes !== null && bytes !== expected.bytes) {
      throw notAllArrived(expected, { found: bytes, expected: expected.bytes })
    }
    return { bytes, sha256: hash.digest('hex') }
  } catch (error) {
    counter.destroy()
    await finished(file).catch(() => {})
    await rm(path, { force: true })
    throw await ownError(written, path, error)
  }
}

/** Final: a server that sends without end does so the next time too. */
function tooLong({ place, name, mostBytes }: Expected, found: string): OperatorError {
  return new OperatorError('incomplete', `${place}: ${name} is ${found}; expected no more than ${mostBytes} bytes`)
}

/** A full volume breaks the transfer too, and what the transfer says of it is no help. */
async function ownError(written: Promise<void>, path: string, error: unknown): Promise<unknown> {
  const cause: unknown = await written.then(
    () => null,
    (reason: unknown) => reason,
  )
  return /^E(NOSPC|DQUOT|IO|ROFS|FBIG)$/.test(codeOf(cause)) ? volumeError(cause, path) : error
}
