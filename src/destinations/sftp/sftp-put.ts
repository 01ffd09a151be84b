import { notAllArrived, type Put, temporaryName } from '../destination.ts'
import type { OpenedSource } from '../put-source.ts'
import {
  closeRemote,
  freeBytes,
  makeRemoteFolder,
  openRemote,
  remoteSize,
  removeRemote,
  renameRemote,
  syncRemote,
} from './remote-files.ts'
import type { SftpSession } from './session.ts'
import { isFinalRefusal, isUnexplained, refusalForSpace } from './sftp-failure.ts'
import { isNotThere } from './status.ts'
import { REPEATED_BYTES, sendContent } from './upload.ts'

/** How fast a server brings what it got to its disk, at the least. */
const SLOWEST_DISK_BYTES_PER_MS = 10_000
const PATIENCE_MS = 60_000

export interface SftpPut {
  readonly put: Put
  readonly source: OpenedSource
  readonly place: string
  /** Of the copies, as the server reads it. */
  readonly folder: string
}

/** Sends what is missing of the temporary file. */
export async function sendBySftp(session: SftpSession, task: SftpPut): Promise<void> {
  const { source, place } = task
  const temporary = pathIn(task.folder, temporaryName(task.put.name, source))
  try {
    await sendOrGoOn(session, task, temporary)
  } catch (error) {
    const failure = await withReason(session, task, error)
    if (isFinalRefusal(failure)) await removeQuietly(session, temporary)
    throw source.sourceError(failure)
  }
  await proveSize(session, { path: temporary, source, place, name: task.put.name })
}

/** Publishes a temporary file whose size is right under its name. */
export async function publishBySftp(session: SftpSession, { put, source, place, folder }: SftpPut): Promise<void> {
  const path = pathIn(folder, put.name)
  await renameRemote(session, pathIn(folder, temporaryName(put.name, source)), path)
  await proveSize(session, { path, source, place, name: put.name })
}

/** What a name in a folder is called. */
export function pathIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder.replace(/\/$/, '')}/${name}`
}

async function sendOrGoOn(session: SftpSession, { put, source, folder }: SftpPut, path: string): Promise<void> {
  const there = (await remoteSize(session, path)) ?? 0
  // More than was ever sent can't be the beginning of this file.
  const start = there > source.bytes ? 0 : Math.max(0, there - REPEATED_BYTES)
  const handle = await openInFolder(session, { path, folder, isNew: start === 0 })
  const stream = source.stream(start)
  try {
    await sendContent(session, { handle, source: stream, start, onProgress: bytes => put.onProgress?.(bytes) })
    await syncRemote(session, handle, PATIENCE_MS + Math.ceil(source.bytes / SLOWEST_DISK_BYTES_PER_MS))
  } catch (error) {
    await closeRemote(session, handle).catch(() => {})
    throw error
  } finally {
    stream.destroy()
  }
  // A server may say only now that it could not write.
  await closeRemote(session, handle)
}

async function openInFolder(
  session: SftpSession,
  { path, folder, isNew }: { readonly path: string; readonly folder: string; readonly isNew: boolean },
): Promise<Buffer> {
  const openFor = isNew ? 'writing anew' : 'writing'
  try {
    return await openRemote(session, path, openFor)
  } catch (error) {
    if (!isNotThere(error) || folder === '') throw error
    await makeRemoteFolder(session, folder)
    return await openRemote(session, path, openFor)
  }
}

/** A server that is full says no more than that it failed; how much room there is, it may say. */
async function withReason(session: SftpSession, { folder }: SftpPut, error: unknown): Promise<unknown> {
  if (!isUnexplained(error)) return error
  const free = await freeBytes(session, folder === '' ? '.' : folder)
  return free !== null && free < NO_ROOM_BYTES ? refusalForSpace() : error
}

/** What a write under way may have needed. */
const NO_ROOM_BYTES = 2 ** 20

interface Expected {
  readonly path: string
  readonly name: string
  readonly source: OpenedSource
  readonly place: string
}

async function proveSize(session: SftpSession, { path, name, source, place }: Expected): Promise<void> {
  const found = (await remoteSize(session, path)) ?? 0
  if (found === source.bytes) return
  await removeQuietly(session, path)
  throw notAllArrived({ place, name }, { found, expected: source.bytes })
}

async function removeQuietly(session: SftpSession, path: string): Promise<void> {
  await removeRemote(session, path).catch(() => {})
}
