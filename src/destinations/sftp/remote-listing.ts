import { listingTooLong, MOST_LISTED_FILES } from '../destination.ts'
import { type Attributes, type FieldReader, ProtocolFault, REPLY, REQUEST, readAttributes } from './packet.ts'
import { closeRemote } from './remote-files.ts'
import type { SftpSession } from './session.ts'
import { isNotThere, SftpRefusal, STATUS } from './status.ts'

/** What a folder holds, itself and the one above left out. */
export interface Named extends Attributes {
  readonly name: string
  /** As `ls -l` shows it. */
  readonly line: string
}

/** The files of a folder and all else in it; none where it is not there. */
export async function listRemote(session: SftpSession, folder: string, place: string): Promise<readonly Named[]> {
  const handle = await openFolder(session, folder)
  if (handle === null) return []
  const found: Named[] = []
  try {
    for (;;) {
      const page = await nextPage(session, handle)
      if (page === null) return found.filter(({ name }) => name !== '.' && name !== '..')
      for (const each of page) found.push(each)
      if (found.length > MOST_LISTED_FILES) throw listingTooLong(place)
    }
  } finally {
    await closeRemote(session, handle).catch(() => {})
  }
}

async function openFolder(session: SftpSession, folder: string): Promise<Buffer | null> {
  try {
    return (await session.ask({ type: REQUEST.opendir, fields: [{ text: folder }], answer: REPLY.handle })).bytes()
  } catch (error) {
    if (isNotThere(error)) return null
    throw error
  }
}

/** Null at the end. */
async function nextPage(session: SftpSession, handle: Buffer): Promise<readonly Named[] | null> {
  try {
    const reader = await session.ask({ type: REQUEST.readdir, fields: [{ text: handle }], answer: REPLY.name })
    const count = reader.u32()
    const page: Named[] = []
    for (let left = count; left > 0; left -= 1) page.push(readNamed(reader))
    // Else it would never end.
    if (page.length === 0) throw new ProtocolFault('a page of a listing with nothing in it; expected names, or its end')
    return page
  } catch (error) {
    if (error instanceof SftpRefusal && error.code === STATUS.endOfFile) return null
    throw error
  }
}

/** A name that leads out of its folder is a lie: nothing of such a server is used. */
function readNamed(reader: FieldReader): Named {
  const name = reader.text()
  const line = reader.text()
  const attributes = readAttributes(reader)
  if (name === '' || /[/\0]/.test(name)) {
    throw new ProtocolFault('a name in its listing that leads out of the folder; expected names of files')
  }
  return { name, line, ...attributes }
}
