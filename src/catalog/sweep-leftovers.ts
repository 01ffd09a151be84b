import { basename, dirname } from 'node:path'
import { readCatalog } from './catalog.ts'
import { pathBelowVolume } from './filter.ts'
import type { Lock } from './held-lock.ts'
import { lockPath, removeLockDebris } from './lock-file.ts'
import { removeDeadPins } from './pins.ts'
import { removeLeftover } from './remove.ts'
import { manifestLockStem } from './update-manifest.ts'

/**
 * Removes what dead runs of one database left behind: files that were being written, and manifests whose archive is
 * gone; and pins of dead runs. It takes the lock of that database, because a live run holds it for as long as its own file is unfinished: call
 * it before this run makes its folder and file. Resolves with the paths, below the volume, of what was removed; throws
 * an OperatorError of kind `volume`, or `locked` if the lock was lost.
 */
export async function sweepLeftovers(backupDir: string, lock: Lock): Promise<readonly string[]> {
  await lock.check()
  const path = lockPath(backupDir, lock.stem)
  const names = [path, lockPath(backupDir, manifestLockStem(lock.stem))].map(each => basename(each))
  await removeLockDebris(dirname(path), name => names.includes(name))
  await removeDeadPins(backupDir)
  // Read again under the lock: what an earlier listing took for a leftover may have been a live run's file.
  const { leftovers } = await readCatalog(backupDir, { timeZone: 'UTC', stems: new Set([lock.stem]) })
  const removed: string[] = []
  for (const leftover of leftovers) {
    if (await removeLeftover(backupDir, leftover)) removed.push(pathBelowVolume(leftover))
  }
  return removed
}
