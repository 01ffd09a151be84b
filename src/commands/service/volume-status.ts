import { volumeSpace } from '../../catalog/space.ts'
import type { ServiceStatus } from '../../status/service-status.ts'
import { makeFolderBelow, pathBelow } from '../../system/below.ts'
import { openPlainFile } from '../../system/plain-file.ts'

const FOLDER = '.backup'
/** Written anew at every look: whether a file can be written, only writing tells. */
const PROBE = 'writable'

/** Whether the volume can be written, and how much room is on it. Never rejects: what fails is the answer. */
export async function readVolumeStatus(backupDir: string): Promise<ServiceStatus['volume']> {
  const writable = await isWritable(backupDir)
  const space = await volumeSpace(backupDir).catch(() => null)
  return { writable, totalBytes: space?.totalBytes ?? null, freeBytes: space?.freeBytes ?? null }
}

async function isWritable(backupDir: string): Promise<boolean> {
  try {
    await makeFolderBelow(backupDir, FOLDER)
    await using file = await openPlainFile(await pathBelow(backupDir, `${FOLDER}/${PROBE}`), 'replace')
    await file.writeFile('ok\n')
    return true
  } catch {
    return false
  }
}
