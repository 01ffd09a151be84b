import { randomUUID } from 'node:crypto'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError, volumeError } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import { codeOf } from '../system/error-code.ts'
import { makeFolder } from '../system/files.ts'
import { ownIdentity } from '../system/process-identity.ts'
import type { ArchiveEntry } from './catalog.ts'
import { pathBelowVolume } from './filter.ts'
import { holdLock } from './held-lock.ts'
import { createLockFile, type FoundLock, type LockHolder, readLockFile } from './lock-file.ts'
import { isStale } from './locks.ts'

const PIN = /^[0-9a-f-]{36}\.pin$/

type Place = Pick<ArchiveEntry, 'folder' | 'name' | 'path' | 'stem'>

/** The archives that are being read by live runs. */
export interface PinnedArchives {
  has(entry: Pick<ArchiveEntry, 'folder' | 'name'>): boolean
}

export interface PinInput {
  readonly backupDir: string
  readonly runId: string
  readonly clock: Clock
}

/**
 * Keeps every prune, also those of other pods on the same volume, from removing an archive until the pin is disposed of,
 * which never throws. A pin is a file with a heartbeat, as a lock is, but any number of them may stand on one archive,
 * and a backup of the same database does not wait for it. Throws an OperatorError of kind `volume` or `space`, also when
 * the archive is gone.
 */
export async function pinArchive(entry: Place, input: PinInput): Promise<AsyncDisposable> {
  const token = randomUUID()
  const folder = pinFolder(input.backupDir)
  const path = join(folder, `${token}.pin`)
  const since = input.clock.now().toISOString()
  const holder: Pin = { ...ownIdentity(), token, runId: input.runId, since, archive: pathBelowVolume(entry) }
  try {
    await makeFolder(folder)
    await createLockFile(path, holder)
  } catch (error) {
    throw volumeError(error, path)
  }
  const pin = holdLock({ path, stem: entry.stem, holder, clock: input.clock })
  // A prune that looked for pins just before may still have removed it.
  if (await exists(entry.path)) return pin
  await pin[Symbol.asyncDispose]()
  throw new OperatorError('volume', `${entry.path}: it was removed a moment ago; expected the archive`)
}

/** Reads the pins of live runs, and removes those of dead ones. Throws an OperatorError of kind `volume`. */
export async function readPins(backupDir: string): Promise<PinnedArchives> {
  const folder = pinFolder(backupDir)
  try {
    const names = (await namesIn(folder)).filter(name => PIN.test(name))
    const pinned = await Promise.all(names.map(name => readPin(join(folder, name))))
    const archives = new Set(pinned)
    // A pin whose words can't be read, as while it is being written, may be on any archive.
    return { has: entry => archives.has('unreadable') || archives.has(pathBelowVolume(entry)) }
  } catch (error) {
    throw volumeError(error, folder)
  }
}

interface Pin extends LockHolder {
  /** Below the volume. */
  readonly archive: string
}

/** The archive that is pinned; null where the pin is gone or its holder is dead. */
async function readPin(path: string): Promise<string | null> {
  const found = await readLockFile(path)
  if (found === null) return null
  if (!(await isStale(path, found))) return archiveOf(found)
  // It is left where this user may not remove it: nothing depends on it.
  await rm(path, { force: true }).catch(() => {})
  return null
}

function archiveOf({ holder }: FoundLock): string {
  const archive = holder === null ? undefined : (holder as Partial<Pin>).archive
  return archive ?? 'unreadable'
}

function pinFolder(backupDir: string): string {
  return join(backupDir, '.backup', 'pins')
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}
