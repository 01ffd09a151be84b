import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ignoring } from './error-code.ts'
import { VOLUME_MODES } from './volume-modes.ts'

/** Writes a new file of the volume down to the disk. */
export async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', VOLUME_MODES.file)
  await file.writeFile(text)
  await file.sync()
}

/** What file systems answer that know no sync of a folder, or none by this call: CIFS of old kernels, some of FUSE. */
const SYNC_UNKNOWN = ['EINVAL', 'EBADF', 'EISDIR', 'ENOTSUP', 'EOPNOTSUPP']

/**
 * Forces a folder's entries to the disk, so that a rename in it survives a crash (fsync(2), "Calling fsync() does not
 * necessarily ensure…"). False where the file system cannot: it keeps them as it keeps all it is told.
 */
export async function syncFolder(path: string): Promise<boolean> {
  return (await forceOut(path).then(() => true, ignoring(...SYNC_UNKNOWN))) === true
}

async function forceOut(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/**
 * Renames a file whose bytes are on the disk and makes the rename itself durable; false where the file system cannot. Both
 * names lie in one folder.
 */
export async function publishFile(temporary: string, final: string): Promise<boolean> {
  await rename(temporary, final)
  return await syncFolder(dirname(final))
}

/** As above for a name that nothing has yet: where making the rename durable fails, the file is gone again. */
export async function publishNewFile(temporary: string, final: string): Promise<boolean> {
  await rename(temporary, final)
  return await syncFolder(dirname(final)).catch(async (error: unknown) => {
    await rm(final, { force: true }).catch(() => {})
    throw error
  })
}
