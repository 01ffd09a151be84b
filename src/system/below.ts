import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { ignoring } from './error-code.ts'
import { FileFault } from './file-fault.ts'
import { makeFolder } from './make-folder.ts'
import { kindOf } from './plain-file.ts'

/**
 * The path of a file below `root`, when every folder between the two is one: a symbolic link leads somewhere else, which
 * nobody has mounted, counted or cleaned. `root` itself may be a link. Folders that are missing are no fault. Throws a
 * FileFault that names the link.
 */
export async function pathBelow(root: string, below: string): Promise<string> {
  const folders = below.split('/').slice(0, -1)
  for (const [index] of folders.entries()) {
    const path = join(root, ...folders.slice(0, index + 1))
    const found = await lstat(path).catch(ignoring('ENOENT'))
    if (found === undefined) break
    if (!found.isDirectory()) throw notAFolder(path, found.isFile() ? 'a plain file' : kindOf(found))
  }
  return join(root, below)
}

/** Makes a folder below `root`, and what is missing between the two, and returns its path. Throws as above. */
export async function makeFolderBelow(root: string, folder: string): Promise<string> {
  await pathBelow(root, `${folder}/.`)
  const path = join(root, folder)
  await makeFolder(path)
  return path
}

function notAFolder(path: string, found: string): FileFault {
  return new FileFault(path, `${found}, which is not followed; expected a folder`)
}
