import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { volumeSpace } from '../../catalog/space.ts'
import type { ServiceStatus } from '../../status/service-status.ts'
import { makeFolder } from '../../system/files.ts'

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
    await makeFolder(join(backupDir, FOLDER))
    await writeFile(join(backupDir, FOLDER, PROBE), 'ok\n', { mode: 0o600 })
    return true
  } catch {
    return false
  }
}
