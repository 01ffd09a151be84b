import { fileWords, OperatorError, systemWords } from './errors.ts'
import { type ClosedPlace, closedPlaceOn, type Owner } from './system/closed-place.ts'
import { codeOf, isOutOfSpace } from './system/error-code.ts'
import { FileFault } from './system/file-fault.ts'

/**
 * A failed call on the volume as an OperatorError that names the path, and whose what refuses is; anything that is no
 * system error stays as it is.
 */
export function volumeError(error: unknown, path: string): unknown {
  if (error instanceof FileFault) {
    return new OperatorError('volume', `${error.path}: ${error.message}`, { hint: FAULT_HINT })
  }
  const code = codeOf(error)
  if (!/^E[A-Z0-9]+$/.test(code)) return error
  if (isOutOfSpace(error)) {
    const found = code === 'EDQUOT' ? 'the quota is used up' : 'no space is left'
    return new OperatorError('space', `${path}: ${found}`, {
      hint: 'remove some backups with backup -p, keep fewer, or enlarge the volume',
    })
  }
  const closed = closedBehind(error)
  return new OperatorError('volume', `${path}: ${systemWords(code)}${whose(closed, path)}`, {
    hint: closed === null ? VOLUME_HINT : openHint(closed),
  })
}

/** What is wrong with a file of the volume that could not be read, without its path, but with whose it is. */
export function volumeFileWords(error: unknown): string {
  const closed = closedBehind(error)
  if (closed === null) return fileWords(error)
  return `${systemWords(codeOf(error))}${whose(closed, pathOf(error))}; expected a file that can be read`
}

const FAULT_HINT = 'move it away; what a link leads to can be mounted in its place'
const VOLUME_HINT = 'check the volume, its mount and the rights of this user on it'

function closedBehind(error: unknown): ClosedPlace | null {
  const path = pathOf(error)
  return path === null || !['EACCES', 'EPERM'].includes(codeOf(error)) ? null : closedPlaceOn(path)
}

/** Which file the system call was about. */
function pathOf(error: unknown): string | null {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : null
}

function whose(closed: ClosedPlace | null, path: string | null): string {
  if (closed === null) return ''
  const place = closed.path === path ? 'it' : closed.path
  const mode = closed.mode.toString(8).padStart(4, '0')
  return ` (${place} belongs to ${ownerText(closed.owner)}, mode ${mode}; this is ${ownerText(closed.self)})`
}

function ownerText({ user, group }: Owner): string {
  return `user ${user} of group ${group}`
}

function openHint({ path, owner, self, isInGroup }: ClosedPlace): string {
  const regroup = isInGroup ? '' : `chgrp -R ${self.group} and `
  return `check the rights of this user on it: user ${owner.user}, or an administrator of the volume, gives them by ${regroup}chmod -R g+rwX ${path}; what else is on the volume needs the same ("Another user" in docs/how-to/openshift.md)`
}
