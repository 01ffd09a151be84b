import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, ignoring } from './error-code.ts'
import { SETGID, VOLUME_MODES } from './volume-modes.ts'

/** Makes a folder of the volume and those above it, for who shares it; one that exists is left as it is. */
export async function makeFolder(path: string): Promise<void> {
  // Not by `recursive`: it says "does not exist" of a read-only file system, and never ends where no folder can be made.
  if (await makeOne(path)) return
  await makeFolder(dirname(path))
  await makeNew(path).catch(ignoreExistingFolder)
}

/** False if the folder above is missing. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await makeNew(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) return false
    ignoreExistingFolder(error)
  }
  return true
}

async function makeNew(path: string): Promise<void> {
  await mkdir(path, { mode: VOLUME_MODES.folder })
  // The umask has decided; where modes are the mount's, there is nothing to set.
  const { mode } = await stat(path)
  if ((mode & 0o070) === 0 || (mode & SETGID) !== 0) return
  await chmod(path, (mode & 0o777) | SETGID).catch(ignoring('EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'))
}

function ignoreExistingFolder(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error
}
