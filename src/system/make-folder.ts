import { mkdir } from 'node:fs/promises'
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
