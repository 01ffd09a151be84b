import { randomUUID } from 'node:crypto'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatorError } from '../errors.ts'
import { makeFolderBelow, pathBelow } from '../system/below.ts'
import type { Clock } from '../system/clock.ts'
import { ignoring } from '../system/error-code.ts'
import { ignoringFault } from '../system/file-fault.ts'
import { ownIdentity } from '../system/process-identity.ts'
import { volumeError } from '../volume-error.ts'
import type { ArchiveEntry } from './catalog.ts'
import { pathBelowVolume } from './filter.ts'
import { holdLock } from './held-lock.ts'
import { createLockFile, type FoundLock, type LockHolder, readLockFile, removeLockDebris } from './lock-file.ts'
import { isStale } from './locks.ts'

const FOLDER = '.backup/pins'
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

/** Who keeps an archive from being removed. */
export interface ArchivePin extends AsyncDisposable {
  /** Why the pin could not be put on the volume; null where it stands. Then no prune in another pod knows of the reader. */
  readonly problem: OperatorError | null
}

/**
 * Keeps every prune, also those of other pods on the same volume, from removing an archive until the pin is disposed of,
 * which never throws. A pin is a file with a heartbeat, as a lock is, but any number of them may stand on one archive,
 * and a backup of the same database does not wait for it. Pins of dead runs are removed on the way. Where nothing can be
 * written the archive can be read all the same, and the pin says why there is none. Throws an OperatorError of kind
 * `volume` when the archive is gone.
 */
export async function pinArchive(entry: Place, input: PinInput): Promise<ArchivePin> {
  await removeDeadPins(input.backupDir)
  const pin = await putPin(entry, input).catch((error: unknown): ArchivePin => {
    const problem = volumeError(error, join(input.backupDir, FOLDER))
    if (!(problem instanceof OperatorError)) throw error
    return { problem, async [Symbol.asyncDispose]() {} }
  })
  // A prune that looked for pins just before may still have removed it.
  if (await exists(entry.path)) return pin
  await pin[Symbol.asyncDispose]()
  throw new OperatorError('volume', `${entry.path}: it was removed a moment ago; expected the archive`)
}

async function putPin(entry: Place, { backupDir, runId, clock }: PinInput): Promise<ArchivePin> {
  const token = randomUUID()
  const path = join(await makeFolderBelow(backupDir, FOLDER), `${token}.pin`)
  const since = clock.now().toISOString()
  const holder: Pin = { ...ownIdentity(), token, runId, since, archive: pathBelowVolume(entry) }
  await createLockFile(path, holder)
  const lock = holdLock({ path, stem: entry.stem, holder, clock })
  return { problem: null, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() }
}

/** Reads the pins of live runs, and removes those of dead ones. Throws an OperatorError of kind `volume`. */
export async function readPins(backupDir: string): Promise<PinnedArchives> {
  try {
    const archives = new Set(await pinnedIn(backupDir))
    // A pin whose words can't be read, as while it is being written, may be on any archive.
    return { has: entry => archives.has('unreadable') || archives.has(pathBelowVolume(entry)) }
  } catch (error) {
    throw volumeError(error, join(backupDir, FOLDER))
  }
}

/**
 * Removes the pins of runs that are certainly gone, or have shown no sign of life for 90 seconds, and what killed runs left
 * of pins that they were making. Never rejects: nothing depends on it.
 */
export async function removeDeadPins(backupDir: string): Promise<void> {
  await pinnedIn(backupDir)
    .then(() => removeLockDebris(join(backupDir, FOLDER), name => PIN.test(name)))
    .catch(() => {})
}

async function pinnedIn(backupDir: string): Promise<readonly (string | null)[]> {
  await pathBelow(backupDir, `${FOLDER}/.`)
  const folder = join(backupDir, FOLDER)
  const names = (await readdir(folder).catch(ignoring('ENOENT'))) ?? []
  return await Promise.all(names.filter(name => PIN.test(name)).map(name => readPin(join(folder, name))))
}

interface Pin extends LockHolder {
  /** Below the volume. */
  readonly archive: string
}

/** The archive that is pinned; null where the pin is gone, its holder is dead, or it is no file and so no pin of ours. */
async function readPin(path: string): Promise<string | null> {
  const found = (await readLockFile(path).catch(ignoringFault)) ?? null
  if (found === null) return null
  // Where the time of the file system can't be had, as on a full volume, nobody can tell: it counts as live.
  const isDead = await isStale(path, found).catch(() => false)
  if (!isDead) return archiveOf(found)
  // It is left where this user may not remove it: nothing depends on it.
  await rm(path, { force: true }).catch(() => {})
  return null
}

function archiveOf({ holder }: FoundLock): string {
  const archive = holder === null ? undefined : (holder as Partial<Pin>).archive
  return archive ?? 'unreadable'
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  )
}
