import { statSync } from 'node:fs'
import type { Settings } from '../config/settings.ts'
import { groupOfNew, isShared, SETGID, type Standing, umaskOf } from '../system/volume-modes.ts'

type Asked = Pick<Settings, 'backupDir' | 'volumeShared'>

/**
 * Sets, for this process and what it starts, who but the owner may read and remove what it makes on the volume: the group,
 * where VOLUME_SHARED or the group says so, else nobody. Never throws.
 */
export function shareVolume(asked: Asked): void {
  process.umask(umaskOf(sharingGroup(asked) !== null))
}

/** The group that shares the volume; null where nobody does. */
export function sharingGroup({ backupDir, volumeShared }: Asked): number | null {
  const standing = standingOn(backupDir)
  return isShared(volumeShared, standing) ? groupOfNew(standing) : null
}

function standingOn(backupDir: string): Standing {
  const group = process.getegid?.() ?? -1
  return { group, groups: [group, ...(process.getgroups?.() ?? [])], volumeGroup: givenGroup(backupDir) }
}

function givenGroup(folder: string): number | null {
  try {
    const { gid, mode } = statSync(folder)
    return (mode & SETGID) === 0 ? null : gid
  } catch {
    // What is wrong with it, the first use of it says.
    return null
  }
}
