import type { Client } from 'basic-ftp'
import { OperatorError } from '../errors.ts'
import { notAllArrived, type Put, temporaryName } from './destination.ts'
import { kindOfReply, replyCode } from './ftps-failure.ts'
import { upload } from './ftps-upload.ts'
import type { OpenedSource } from './put-source.ts'

/** How long a server may take to hash a file, besides the usual time for an answer. */
const SLOWEST_HASH_BYTES_PER_MS = 10_000

export interface FtpPut {
  readonly put: Put
  readonly source: OpenedSource
  readonly place: string
}

/** Sends what is missing of the temporary file. */
export async function sendFile(client: Client, { put, source, place }: FtpPut): Promise<void> {
  const temporary = temporaryName(put.name, source)
  const there = (await sizeOf(client, temporary)) ?? 0
  // More than was ever sent can't be the beginning of this file.
  const start = there > source.bytes ? 0 : there
  if (start === source.bytes && start > 0) return
  const stream = source.stream(start)
  try {
    const command = `${start > 0 ? 'APPE' : 'STOR'} ${temporary}`
    await upload(client, { command, source: stream, onSent: bytes => put.onProgress?.(start + bytes) })
  } catch (error) {
    if (isFinal(error)) await removeQuietly(client, temporary)
    throw source.sourceError(error)
  } finally {
    stream.destroy()
  }
  await proveSize(client, { name: temporary, source, place })
}

/** Publishes a temporary file whose content is right, as far as the server can tell, under its name. */
export async function renameIntoPlace(client: Client, { put, source, place }: FtpPut): Promise<void> {
  const temporary = temporaryName(put.name, source)
  await proveHash(client, { name: temporary, source, place })
  await rename(client, temporary, put.name)
  await proveSize(client, { name: put.name, source, place })
}

/** Null if there is no such file. */
export async function sizeOf(client: Client, name: string): Promise<number | null> {
  try {
    return await client.size(name)
  } catch (error) {
    if (replyCode(error) === 550) return null
    throw error
  }
}

interface Expected {
  readonly name: string
  readonly source: OpenedSource
  readonly place: string
}

async function proveSize(client: Client, { name, source, place }: Expected): Promise<void> {
  const found = (await sizeOf(client, name)) ?? 0
  if (found === source.bytes) return
  await removeQuietly(client, name)
  throw notAllArrived({ place, name }, { found, expected: source.bytes })
}

async function proveHash(client: Client, { name, source, place }: Expected): Promise<void> {
  const found = await hashOf(client, name, source.bytes)
  if (found === null || found === source.sha256) return
  await removeQuietly(client, name)
  throw new OperatorError(
    'connection',
    `${place}: what arrived of ${name} has another SHA-256; expected that of the file`,
  )
}

/** The server's own SHA-256 of a file, hexadecimal; null where it does not offer any. */
async function hashOf(client: Client, name: string, bytes: number): Promise<string | null> {
  if (!(await client.features()).has('XSHA256')) return null
  const { socket, timeout } = client.ftp
  try {
    const answer = client.send(`XSHA256 ${name}`)
    socket.setTimeout(timeout + Math.ceil(bytes / SLOWEST_HASH_BYTES_PER_MS))
    const { message } = await answer
    return /\b[0-9a-f]{64}\b/i.exec(message)?.[0].toLowerCase() ?? null
  } catch (error) {
    // A server may limit it to small files, or to some users.
    if (replyCode(error) === null) throw error
    return null
  }
}

/** Some servers do not rename onto a file that is there. */
async function rename(client: Client, from: string, to: string): Promise<void> {
  try {
    await client.rename(from, to)
  } catch (error) {
    if (replyCode(error) === null || (await sizeOf(client, to)) === null) throw error
    await client.remove(to)
    await client.rename(from, to)
  }
}

/** A refusal after which the beginning of the file would only take up room. */
function isFinal(error: unknown): boolean {
  const kind = kindOfReply('send', error)
  return kind !== null && kind !== 'connection'
}

async function removeQuietly(client: Client, name: string): Promise<void> {
  await client.remove(name).catch(() => {})
}
