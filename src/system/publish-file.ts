import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from './error-code.ts'

/** Makes a folder and those above it, readable by this user only; one that exists is left as it is. */
export async function makeFolder(path: string): Promise<void> {
  // Not by `recursive`: it says "does not exist" of a read-only file system, and never ends where no folder can be made.
  if (await makeOne(path)) return
  await makeFolder(dirname(path))
  await mkdir(path, { mode: 0o700 }).catch(ignoreExistingFolder)
}

/** False if the folder above is missing. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) return false
    ignoreExistingFolder(error)
  }
  return true
}

function ignoreExistingFolder(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error
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
