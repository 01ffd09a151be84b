import { accessSync, constants, lstatSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'

/** A user and a group, of a process or of what lies in a file system. */
export interface Owner {
  readonly user: number
  readonly group: number
}

/** A file or folder to which this process has no right, and whose it is. */
export interface ClosedPlace {
  readonly path: string
  readonly owner: Owner
  /** Without the kind of file. */
  readonly mode: number
  /** Whose this process is; it may be in more groups than that one. */
  readonly self: Owner
  readonly isInGroup: boolean
}

/**
 * What stands in the way to `path`: a folder above it that may not be passed, itself, or the folder that it is to be in.
 * Null where the modes allow all of it, and something else refuses. Never throws.
 */
export function closedPlaceOn(path: string): ClosedPlace | null {
  const { R_OK, W_OK, X_OK } = constants
  const closed = foldersAbove(path).find(folder => lacks(folder, X_OK))
  const refusing = closed ?? [path, dirname(path), path].find((each, at) => lacks(each, at === 0 ? R_OK : W_OK))
  const found = refusing === undefined ? null : statOf(refusing)
  if (refusing === undefined || found === null) return null
  const self = { user: process.geteuid?.() ?? -1, group: process.getegid?.() ?? -1 }
  const owner = { user: found.uid, group: found.gid }
  const isInGroup = [self.group, ...(process.getgroups?.() ?? [])].includes(owner.group)
  return { path: refusing, owner, mode: found.mode & 0o7777, self, isInGroup }
}

/** From the root on. */
function foldersAbove(path: string): readonly string[] {
  const above = dirname(path)
  return above === path ? [] : [...foldersAbove(above), above]
}

/** Only of what is there. */
function lacks(path: string, right: number): boolean {
  try {
    accessSync(path, right)
    return false
  } catch {
    return statOf(path) !== null
  }
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path)
  } catch {
    return null
  }
}
