import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { Transform, type Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { OperatorError, volumeError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import type { Received } from './destination.ts'

interface Expected {
  readonly path: string
  /** How many bytes the other side has. */
  readonly bytes: number
  /** What the other side calls it, and where that is, for messages. */
  readonly name: string
  readonly place: string
}

/**
 * Makes a file of mode 0600 that must not exist yet, lets `fill` write and end the stream, and resolves with size and
 * hash of what came. If anything fails, the file is gone again (one that was there before stays), and the error is that of `fill`, or one of the volume.
 */
export async function receiveFile(
  { path, bytes: expected, name, place }: Expected,
  fill: (into: Writable) => Promise<unknown>,
): Promise<Received> {
  const hash = createHash('sha256')
  let bytes = 0
  const counter = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      bytes += chunk.length
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
    // Lost on the way: another try may bring all of it.
    if (bytes !== expected) {
      throw new OperatorError('connection', `${place}: ${bytes} bytes arrived of ${name}; expected ${expected}`)
    }
    return { bytes, sha256: hash.digest('hex') }
  } catch (error) {
    counter.destroy()
    await finished(file).catch(() => {})
    await rm(path, { force: true })
    throw await ownError(written, path, error)
  }
}

/** A full volume breaks the transfer too, and what the transfer says of it is no help. */
async function ownError(written: Promise<void>, path: string, error: unknown): Promise<unknown> {
  const cause: unknown = await written.then(
    () => null,
    (reason: unknown) => reason,
  )
  return /^E(NOSPC|DQUOT|IO|ROFS|FBIG)$/.test(codeOf(cause)) ? volumeError(cause, path) : error
}
