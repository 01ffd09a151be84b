import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a new file, for this user only, down to the disk. */
export async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(text)
  await file.sync()
}

/** Forces a folder's entries to the disk, so that a rename in it survives a crash (fsync(2), "Calling fsync() does not necessarily ensure…"). */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Renames a file whose bytes are on the disk and makes the rename itself durable. Both names lie in one folder. */
export async function publishFile(temporary: string, final: string): Promise<void> {
  await rename(temporary, final)
  await syncFolder(dirname(final))
}

/** As above for a name that nothing has yet: where the rename can't be made durable, the file is gone again. */
export async function publishNewFile(temporary: string, final: string): Promise<void> {
  await rename(temporary, final)
  await syncFolder(dirname(final)).catch(async (error: unknown) => {
    await rm(final, { force: true }).catch(() => {})
    throw error
  })
}
