import { type Attributes, modeField, ProtocolFault, REPLY, REQUEST, readAttributes } from './packet.ts'
import type { SftpSession } from './session.ts'
import { isNotThere, SftpRefusal } from './status.ts'

const OPEN = { read: 0x1, write: 0x2, create: 0x8, truncate: 0x10 } as const
/** Archives hold everything that the databases do. */
const MODE = { file: 0o600, folder: 0o700 } as const

/** How a file is opened. `truncate`: what is there goes. */
export type OpenFor = 'reading' | 'writing' | 'writing anew'

const FLAGS: Readonly<Record<OpenFor, number>> = {
  reading: OPEN.read,
  writing: OPEN.write | OPEN.create,
  'writing anew': OPEN.write | OPEN.create | OPEN.truncate,
}

export async function openRemote(session: SftpSession, path: string, openFor: OpenFor): Promise<Buffer> {
  const mode = openFor === 'reading' ? [{ u32: 0 }] : modeField(MODE.file)
  const fields = [{ text: path }, { u32: FLAGS[openFor] }, ...mode]
  return (await session.ask({ type: REQUEST.open, fields, answer: REPLY.handle })).bytes()
}

export async function closeRemote(session: SftpSession, handle: Buffer): Promise<void> {
  await session.ask({ type: REQUEST.close, fields: [{ text: handle }], answer: REPLY.status })
}

/** What a path leads to, links followed; null if there is nothing. */
export async function statRemote(session: SftpSession, path: string): Promise<Attributes | null> {
  try {
    return readAttributes(await session.ask({ type: REQUEST.stat, fields: [{ text: path }], answer: REPLY.attributes }))
  } catch (error) {
    if (isNotThere(error)) return null
    throw error
  }
}

/** The size of a file as the server says it; null if there is none. */
export async function remoteSize(session: SftpSession, path: string): Promise<number | null> {
  const found = await statRemote(session, path)
  if (found !== null && found.bytes === null) throw new ProtocolFault('a file without a size; expected its size')
  return found?.bytes ?? null
}

/** One that is not there is no error. */
export async function removeRemote(session: SftpSession, path: string): Promise<void> {
  try {
    await session.ask({ type: REQUEST.remove, fields: [{ text: path }], answer: REPLY.status })
  } catch (error) {
    if (!isNotThere(error)) throw error
  }
}

/**
 * Gives a file another name, in one step where the server can do it over a file that is there; else that one goes first,
 * because version 3 itself does not rename onto a file.
 */
export async function renameRemote(session: SftpSession, from: string, to: string): Promise<void> {
  const names = [{ text: from }, { text: to }]
  if (session.extensions.has('posix-rename@openssh.com')) {
    const fields = [{ text: 'posix-rename@openssh.com' }, ...names]
    await session.ask({ type: REQUEST.extended, fields, answer: REPLY.status })
    return
  }
  const rename = { type: REQUEST.rename, fields: names, answer: REPLY.status }
  try {
    await session.ask(rename)
  } catch (error) {
    if (!(error instanceof SftpRefusal) || (await statRemote(session, to)) === null) throw error
    await removeRemote(session, to)
    await session.ask(rename)
  }
}

/** Has the server bring a file to its disk, where it can; it may be silent meanwhile. */
export async function syncRemote(session: SftpSession, handle: Buffer, patienceMs: number): Promise<void> {
  if (!session.extensions.has('fsync@openssh.com')) return
  const fields = [{ text: 'fsync@openssh.com' }, { text: handle }]
  await session.ask({ type: REQUEST.extended, fields, answer: REPLY.status, patienceMs })
}

/** Bytes that are free where a path is; null where the server doesn't say. */
export async function freeBytes(session: SftpSession, path: string): Promise<number | null> {
  if (!session.extensions.has('statvfs@openssh.com')) return null
  try {
    const fields = [{ text: 'statvfs@openssh.com' }, { text: path }]
    const reader = await session.ask({ type: REQUEST.extended, fields, answer: REPLY.extended })
    const [, fragment = 0, , , available = 0] = Array.from({ length: 5 }, () => reader.u64())
    return fragment * available
  } catch (error) {
    if (error instanceof SftpRefusal || error instanceof ProtocolFault) return null
    throw error
  }
}

/** Makes a folder and those above it, as far as they are missing. */
export async function makeRemoteFolder(session: SftpSession, folder: string): Promise<void> {
  if ((await statRemote(session, folder)) !== null) return
  const above = /^(.*[^/])\/+[^/]+$/.exec(folder)?.[1]
  if (above !== undefined) await makeRemoteFolder(session, above)
  const fields = [{ text: folder }, ...modeField(MODE.folder)]
  try {
    await session.ask({ type: REQUEST.mkdir, fields, answer: REPLY.status })
  } catch (error) {
    // Another pod may have made it.
    if (!(error instanceof SftpRefusal) || (await statRemote(session, folder)) === null) throw error
  }
}
