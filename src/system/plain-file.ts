import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { BoundedBytes } from './bounded-bytes.ts'
import { codeOf } from './error-code.ts'
import { FileFault } from './file-fault.ts'
import { VOLUME_MODES } from './volume-modes.ts'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants

/** How a file is opened: none of these waits for the other end of a FIFO, or for a device. */
const FLAGS = {
  read: O_RDONLY,
  change: O_RDWR,
  append: O_WRONLY | O_CREAT | O_APPEND,
  replace: O_WRONLY | O_CREAT | O_TRUNC,
} as const

export interface ReadRules {
  /** A larger file is none of its kind, and is not read. */
  readonly mostBytes: number
  /** Kubernetes mounts what is configured as symbolic links; on the volume none is followed. */
  readonly links: 'follow' | 'refuse'
}

/**
 * Opens a plain file, at once whatever lies there; a new one is one of the volume. Throws a FileFault for a FIFO, a socket, a
 * device, a folder, and for a symbolic link unless it is to be followed; otherwise what the system says.
 */
export async function openPlainFile(
  path: string,
  how: keyof typeof FLAGS,
  links: ReadRules['links'] = 'refuse',
): Promise<FileHandle> {
  const file = await open(path, flagsOf(how, links), VOLUME_MODES.changedInPlace).catch(error => {
    throw openFault(error, path)
  })
  try {
    requirePlain(await file.stat(), path)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Reads a whole plain file. Throws a FileFault also for one that is too large, which is not read then. */
export async function readPlainFile(path: string, { mostBytes, links }: ReadRules): Promise<Buffer> {
  await using file = await openPlainFile(path, 'read', links)
  const pieces = new BoundedBytes(path, (await file.stat()).size, mostBytes)
  for (;;) {
    const buffer = pieces.next()
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) return pieces.whole()
    pieces.add(buffer.subarray(0, bytesRead))
  }
}

/** As above, for what is read before anything else runs, and for thousands of small files. */
export function readPlainFileSync(path: string, { mostBytes, links }: ReadRules): Buffer {
  const file = openSyncAtOnce(path, links)
  try {
    const stat = fstatSync(file)
    requirePlain(stat, path)
    const pieces = new BoundedBytes(path, stat.size, mostBytes)
    for (;;) {
      const buffer = pieces.next()
      const bytesRead = readSync(file, buffer, 0, buffer.length, null)
      if (bytesRead === 0) return pieces.whole()
      pieces.add(buffer.subarray(0, bytesRead))
    }
  } finally {
    closeSync(file)
  }
}

/** The last bytes of a plain file of the volume, at most `mostBytes`, and whether there are more before them. */
export async function readEndOfFile(
  path: string,
  mostBytes: number,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  await using file = await openPlainFile(path, 'read')
  const { size } = await file.stat()
  const buffer = Buffer.alloc(Math.min(size, mostBytes))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length)
  return { bytes: buffer.subarray(0, bytesRead), isCut: size > mostBytes }
}

function flagsOf(how: keyof typeof FLAGS, links: ReadRules['links']): number {
  return FLAGS[how] | O_NONBLOCK | (links === 'refuse' ? O_NOFOLLOW : 0)
}

function openSyncAtOnce(path: string, links: ReadRules['links']): number {
  try {
    return openSync(path, flagsOf('read', links))
  } catch (error) {
    throw openFault(error, path)
  }
}

function requirePlain(stat: Stats, path: string): void {
  if (!stat.isFile()) throw new FileFault(path, `${kindOf(stat)}; expected a plain file`)
}

/** What something in a folder is, if it is no plain file: `a FIFO`. */
export function kindOf(
  found: Pick<Stats, 'isDirectory' | 'isFIFO' | 'isSocket' | 'isSymbolicLink'>,
): 'a folder' | 'a FIFO' | 'a socket' | 'a symbolic link' | 'a device' {
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a FIFO'
  if (found.isSocket()) return 'a socket'
  return found.isSymbolicLink() ? 'a symbolic link' : 'a device'
}

/** The codes with which open(2) refuses what is no plain file. */
function openFault(error: unknown, path: string): unknown {
  switch (codeOf(error)) {
    case 'ELOOP':
      return new FileFault(path, 'a symbolic link, which is not followed; expected a plain file')
    case 'ENXIO':
      return new FileFault(path, 'a FIFO, a socket or a device; expected a plain file')
    case 'EISDIR':
      return new FileFault(path, 'a folder; expected a plain file')
    default:
      return error
  }
}
