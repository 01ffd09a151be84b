import { type FileHandle, open } from 'node:fs/promises'
import { codeOf, ignoring } from '../system/error-code.ts'
import { openPlainFile } from '../system/plain-file.ts'
import { VOLUME_MODES } from '../system/volume-modes.ts'
import { writeOrStamp } from '../system/write-or-stamp.ts'
import { type FoundLock, type LockHolder, readLockFile } from './lock-file.ts'

/**
 * A lock file of ours without our words, as no block was left for them: a name in a folder seldom needs one. Others see a
 * lock of an unknown run, which they respect as any other. We know it by its inode and by our own last heartbeat, which
 * nobody else writes.
 */
export type Unwritten = Pick<FoundLock, 'inode' | 'touchedNs'>

/** Makes an empty lock file; null if there is one already. */
export async function createUnwritten(path: string): Promise<Unwritten | null> {
  const opening = open(path, 'wx', VOLUME_MODES.changedInPlace)
  await using file = (await opening.catch(ignoring('EEXIST'))) ?? null
  return file === null ? null : await markOf(file)
}

/**
 * A heartbeat: writes our words, now that there may be room for them, else has the file system stamp the file with its own
 * clock. `lost` where the lock is not, or no longer, ours.
 */
export async function touchUnwritten(
  path: string,
  holder: LockHolder,
  known: Unwritten,
): Promise<Unwritten | 'written' | 'lost'> {
  try {
    await using file = await openPlainFile(path, 'change')
    if (!isSame(await markOf(file), known)) return 'lost'
    const isWritten = await writeOrStamp(file, JSON.stringify(holder))
    const now = await markOf(file)
    // Somebody may have set the file aside since it was opened.
    const found = await readLockFile(path)
    if (found === null || !isSame(found, now)) return 'lost'
    return isWritten ? 'written' : now
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'lost'
    throw error
  }
}

/** Whether a lock file that was found is that one. */
export function isSame(found: Unwritten, known: Unwritten): boolean {
  return found.inode === known.inode && found.touchedNs === known.touchedNs
}

async function markOf(file: FileHandle): Promise<Unwritten> {
  const { ino, mtimeNs } = await file.stat({ bigint: true })
  return { inode: ino, touchedNs: mtimeNs }
}
