import { constants, type Dirent } from 'node:fs'
import { type FileHandle, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SETGID, VOLUME_MODES } from '../system/volume-modes.ts'
import { readDatedFolders } from './dated-folders.ts'
import { classifyFile } from './naming/names.ts'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
const OWN_FOLDER = '.backup'

/**
 * Gives to `group`, of what this user has made on the volume before it was shared, the rights that it has to new files:
 * once, as long as `.backup` says that it has none. What is another user's or another group's is left as it is. Resolves
 * with how many files and folders were opened; never rejects.
 */
export async function shareEarlierFiles(backupDir: string, group: number): Promise<number> {
  const own = join(backupDir, OWN_FOLDER)
  if (!(await withOwn(own, group, isClosedForNow))) return 0
  let opened = 0
  const share = async (below: string, mode: number): Promise<void> => {
    if (await withOwn(join(backupDir, below), group, file => widen(file, mode))) opened += 1
  }
  const { folders } = await readDatedFolders(backupDir).catch(() => ({ folders: [] }))
  const tiers = new Set(folders.flatMap(({ folder, tier }) => (tier === null ? [] : folder.split('/').slice(0, 1))))
  for (const folder of [...tiers, ...folders.map(each => each.folder)]) await share(folder, FOLDER)
  for (const { folder, files } of folders) {
    for (const name of files.filter(each => classifyFile(each) !== null)) {
      await share(join(folder, name), VOLUME_MODES.file)
    }
  }
  for (const { path, mode } of await entriesBelow(own)) await share(join(OWN_FOLDER, path), mode)
  // The last: whoever is killed before it begins again.
  await share(OWN_FOLDER, FOLDER)
  return opened
}

const FOLDER = VOLUME_MODES.folder | SETGID

/** A right that opens nothing yet is tried first: where modes are the mount's, there is nothing to go through each night. */
async function isClosedForNow(folder: FileHandle): Promise<boolean> {
  const { mode } = await folder.stat()
  return (mode & 0o060) === 0 && ((mode & 0o010) !== 0 || (await widen(folder, 0o010)))
}

async function entriesBelow(folder: string): Promise<readonly { readonly path: string; readonly mode: number }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((): Dirent[] => [])
  return entries.map(entry => ({
    path: join(entry.parentPath, entry.name).slice(folder.length + 1),
    mode: entry.isDirectory() ? FOLDER : VOLUME_MODES.changedInPlace,
  }))
}

/** False for what is not this user's, not of that group, no file or folder, a file that has a name elsewhere too, or gone. */
async function withOwn(path: string, group: number, work: (file: FileHandle) => Promise<boolean>): Promise<boolean> {
  try {
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    const found = await file.stat()
    const isOwn = found.uid === process.geteuid?.() && found.gid === group
    const isOnlyHere = found.isDirectory() || (found.isFile() && found.nlink === 1)
    return isOwn && isOnlyHere && (await work(file))
  } catch {
    return false
  }
}

/** Adds rights, and takes none; false where nothing came of it. */
async function widen(file: FileHandle, wanted: number): Promise<boolean> {
  const before = (await file.stat()).mode & 0o7777
  if ((before | wanted) === before) return false
  await file.chmod(before | wanted)
  return ((await file.stat()).mode & 0o7777) !== before
}
