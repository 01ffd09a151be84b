import { randomUUID } from 'node:crypto'
import { open, readdir, realpath, rm } from 'node:fs/promises'
import path from 'node:path'
import type { Clock } from '../../../system/clock.ts'
import { codeOf, ignoring } from '../../../system/error-code.ts'
import { isCertainlyGone, ownIdentity } from '../../../system/process-identity.ts'
import { releaseMemory, runningIn, send, sharedMemoryOf } from './postmaster.ts'
import { type FoundMarker, readScratchMarker } from './scratch-marker.ts'
import {
  MARKER_NAME,
  placeOf,
  removePlace,
  type ScratchMarker,
  type ScratchPlace,
  socketFolderName,
} from './scratch-place.ts'

/** Twenty heartbeats. */
const GONE_AFTER_NS = 600_000_000_000n
const ORPHAN_ENDS_WITHIN_MS = 5_000

export interface SweepInput {
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Removes what runs that were killed left of their scratch servers in VERIFICATION_DIR, ending a server that still runs
 * there, and returns the folders. Only what a marker of ours names is touched, and only when its process is certainly
 * gone; where that can't be told from here (another pod), when its last heartbeat is ten minutes old. What this user may
 * not remove stays.
 */
export async function sweepScratchLeftovers(
  folder: string,
  input: SweepInput,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const verificationDir = await realpath(folder).catch(ignoring('ENOENT', 'EACCES', 'ENOTDIR'))
  const names = verificationDir === undefined ? [] : await readdir(verificationDir).catch(ignoring('EACCES', 'ENOTDIR'))
  const removed: string[] = []
  for (const name of names ?? []) {
    const id = MARKER_NAME.exec(name)?.groups?.id
    if (id === undefined || verificationDir === undefined) continue
    signal.throwIfAborted()
    const place = await leftoverPlace(verificationDir, id)
    if (place !== null && (await remove(place, input))) removed.push(place.folder)
  }
  return removed
}

/** The files of a server whose owner is gone; null if it is not, or may not be. */
async function leftoverPlace(verificationDir: string, id: string): Promise<ScratchPlace | null> {
  const found = await readScratchMarker(placeOf(verificationDir, id, '').marker)
  if (found === null || !(await isGone(found, verificationDir))) return null
  return placeOf(verificationDir, id, ownSocketFolder(found.marker, id))
}

/** A marker is a file that others might write: its folder for sockets counts only if it has the name that we would give it. */
function ownSocketFolder(marker: ScratchMarker | null, id: string): string {
  const named = marker?.socketFolder ?? ''
  return path.isAbsolute(named) && path.basename(named) === socketFolderName(id) ? path.normalize(named) : ''
}

async function isGone({ marker, touchedNs }: FoundMarker, verificationDir: string): Promise<boolean> {
  const own = ownIdentity()
  const comparable =
    marker !== null &&
    marker.processStart !== null &&
    own.processStart !== null &&
    own.bootId !== null &&
    marker.bootId === own.bootId &&
    own.pidNamespace !== null &&
    marker.pidNamespace === own.pidNamespace
  if (comparable) return isCertainlyGone(marker, own)
  const now = await fileSystemNowNs(verificationDir)
  return now !== null && now - touchedNs > GONE_AFTER_NS
}

/** What the file system's own clock says; null where we may not write. */
async function fileSystemNowNs(folder: string): Promise<bigint | null> {
  const probe = path.join(folder, `.backup-now-${randomUUID()}`)
  try {
    await using file = await open(probe, 'wx', 0o600)
    await file.writeFile('now')
    return (await file.stat({ bigint: true })).mtimeNs
  } catch {
    return null
  } finally {
    await rm(probe, { force: true }).catch(() => {})
  }
}

async function remove(place: ScratchPlace, input: SweepInput): Promise<boolean> {
  const memory = await sharedMemoryOf(place)
  if (!(await endOrphan(place, input.clock))) return false
  await releaseMemory(memory, input)
  try {
    await removePlace(place)
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EBUSY', 'EROFS', 'ENOTEMPTY'].includes(codeOf(error))) return false
    throw error
  }
}

/** Ends a server that still runs in this folder; false if it can't be ended. */
async function endOrphan(place: ScratchPlace, clock: Clock): Promise<boolean> {
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    const deadline = clock.monotonicMs() + ORPHAN_ENDS_WITHIN_MS
    let pid = await runningIn(place)
    if (pid === null) return true
    send(pid, signal)
    while (pid !== null && clock.monotonicMs() < deadline) {
      await clock.sleep(50, new AbortController().signal)
      pid = await runningIn(place)
    }
  }
  return (await runningIn(place)) === null
}
