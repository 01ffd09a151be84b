import { lstat, realpath, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../errors.ts'
import { codeOf, ignoring } from '../system/error-code.ts'
import { volumeError } from '../volume-error.ts'
import type { ArchiveEntry } from './catalog.ts'
import { TIERS } from './naming/archive-folder.ts'
import { classifyFile, isCalendarDate, manifestName } from './naming/names.ts'

/** A file of ours: its dated folder relative to the volume, and its name in it. */
export type OwnFile = Pick<ArchiveEntry, 'folder' | 'name'>

/**
 * Removes an archive, its manifest, and the dated folder if nothing is left in it. Resolves with false if the archive
 * was gone already. Refuses, with an OperatorError of kind `volume`, what is not exactly an archive in a dated folder
 * of this volume.
 */
export async function removeArchive(backupDir: string, file: OwnFile): Promise<boolean> {
  // The archive first: dying between the two leaves a manifest without archive, which is no backup and is swept. The
  // other way round it would leave an archive that looks like one of the original tool, and might count as good.
  const removed = await removeFile(backupDir, file)
  await removeFile(backupDir, { folder: file.folder, name: manifestName(file.name) })
  await removeFolderIfEmpty(join(backupDir, file.folder))
  return removed
}

/** Removes one unfinished file or lonely manifest, and its folder if it was the last in it; as above otherwise. */
export async function removeLeftover(backupDir: string, file: OwnFile): Promise<boolean> {
  const removed = await removeFile(backupDir, file)
  await removeFolderIfEmpty(join(backupDir, file.folder))
  return removed
}

async function removeFile(backupDir: string, file: OwnFile): Promise<boolean> {
  const path = join(backupDir, file.folder, file.name)
  try {
    if (!(await isOwnFile(backupDir, file))) return false
    await unlink(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw volumeError(error, path)
  }
}

async function isOwnFile(backupDir: string, { folder, name }: OwnFile): Promise<boolean> {
  const path = join(backupDir, folder, name)
  if (!isDatedFolder(folder) || classifyFile(name) === null) throw refusal(path, 'not a file name of ours')
  const stat = await lstat(path).catch(ignoring('ENOENT'))
  if (stat === undefined) return false
  if (!stat.isFile()) throw refusal(path, 'not a plain file')
  const [volume, parent] = await Promise.all([realpath(backupDir), realpath(join(backupDir, folder))])
  if (parent !== join(volume, folder)) throw refusal(path, 'behind a symbolic link')
  return true
}

function isDatedFolder(folder: string): boolean {
  const parts = folder.split('/')
  const date = parts.pop() ?? ''
  return isCalendarDate(date) && (parts.length === 0 || (parts.length === 1 && TIERS.some(tier => tier === parts[0])))
}

function refusal(path: string, found: string): OperatorError {
  return new OperatorError('volume', `${path}: ${found}; expected an archive in a dated folder of the volume`)
}

/** Another run may be filling the folder, or have removed it: neither is an error. */
async function removeFolderIfEmpty(path: string): Promise<void> {
  await rmdir(path).catch(ignoring('ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY'))
}
