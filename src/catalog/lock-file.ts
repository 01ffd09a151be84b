import { randomUUID } from 'node:crypto'
import { type FileHandle, link, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, ignoring } from '../system/error-code.ts'
import { ignoringFault } from '../system/file-fault.ts'
import { openPlainFile } from '../system/plain-file.ts'
import type { ProcessIdentity } from '../system/process-identity.ts'
import { MOST_BYTES } from '../system/size-limits.ts'
import { VOLUME_MODES } from '../system/volume-modes.ts'
import { writeOrStamp } from '../system/write-or-stamp.ts'

const UUID_LENGTH = 36
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** What a file system without hard links answers. */
const LINKLESS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP']
const DEBRIS_AFTER_NS = 3_600_000_000_000n

/** What a lock file says about its holder. */
export interface LockHolder extends ProcessIdentity {
  /** Of this one lock: no other lock file, of the same run either, has it. */
  readonly token: string
  readonly runId: string
  /** ISO 8601. */
  readonly since: string
}

/** A lock file as it was found. `holder` is null while its first bytes are being written (without hard links), and for a damaged one. */
export interface FoundLock {
  readonly holder: LockHolder | null
  readonly inode: bigint
  /** The last heartbeat, by the file system's clock. */
  readonly touchedNs: bigint
}

/** Where the lock of a stem lies on a volume. */
export function lockPath(backupDir: string, stem: string): string {
  return join(backupDir, '.backup', 'locks', `${stem}.lock`)
}

/**
 * Makes the lock file; false if there is one already. It appears whole, where the file system knows links: a run that
 * is killed between making and writing it would leave a lock without a holder, which bars all others for 90 seconds.
 */
export async function createLockFile(path: string, holder: LockHolder): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeNew(draft, holder)
    await link(draft, path)
    return true
  } catch (error) {
    // NFS may say so of a link that it has just made, when its first answer was lost.
    if (codeOf(error) === 'EEXIST') return (await readLockFile(path))?.holder?.token === holder.token
    if (!LINKLESS.includes(codeOf(error))) throw error
    return (await writeNew(path, holder).then(() => true, ignoring('EEXIST'))) === true
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeNew(path: string, holder: LockHolder): Promise<void> {
  await using file = await open(path, 'wx', VOLUME_MODES.changedInPlace)
  // No fsync: a machine that goes down takes the holder with it. Closing hands the bytes to an NFS server.
  await file.writeFile(JSON.stringify(holder))
}

/**
 * Reads the lock file; null if there is none. One that this user may not read still has an age. Throws a FileFault for
 * what is no plain file.
 */
export async function readLockFile(path: string): Promise<FoundLock | null> {
  try {
    // Opening makes NFS ask the server: a cached time of the last heartbeat could be a minute old.
    await using file = await openPlainFile(path, 'read')
    const stat = await file.stat({ bigint: true })
    return { holder: parseHolder(await textOf(file)), inode: stat.ino, touchedNs: stat.mtimeNs }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    if (codeOf(error) !== 'EACCES') throw error
    const stat = await lstat(path, { bigint: true }).catch(ignoring('ENOENT'))
    return stat === undefined ? null : { holder: null, inode: stat.ino, touchedNs: stat.mtimeNs }
  }
}

/**
 * Writes the holder's own words over themselves, so that the file system stamps the file with its own clock; setting a
 * time would use the clock of this machine. False if the lock is not, or no longer, that of `token`.
 */
export async function touchLockFile(path: string, token: string): Promise<boolean> {
  try {
    await using file = await openPlainFile(path, 'change')
    const text = await textOf(file)
    if (parseHolder(text)?.token !== token) return false
    await file.write(text, 0, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
  return (await readLockFile(path))?.holder?.token === token
}

/**
 * What the file system's clock says now, read from a file that is made for it beside `path` and removed again; also where
 * nothing can be written into it, on a full volume.
 */
export async function fileSystemNowNs(path: string): Promise<bigint> {
  const probe = `${path}.${randomUUID()}`
  try {
    await using file = await open(probe, 'wx', 0o600)
    await writeOrStamp(file, 'now')
    return (await file.stat({ bigint: true })).mtimeNs
  } finally {
    await rm(probe, { force: true })
  }
}

/**
 * Removes the lock file if it still is `expected`: two that judged the same lock stale must not remove each other's new
 * one. So it is renamed first, to a name that only this call knows, and looked at there; another one is put back. That one
 * must not be away for long, as its holder may look for it: what has become another one before is not moved at all. False
 * if it was another one, or gone. If a third run made a lock in that moment, the one put back is lost: its holder
 * notices at its next heartbeat.
 */
export async function removeLockFile(path: string, expected: (found: FoundLock) => boolean): Promise<boolean> {
  const there = await readLockFile(path)
  if (there === null || !expected(there)) return false
  const aside = `${path}.${randomUUID()}`
  const moved = await rename(path, aside).then(() => true, ignoring('ENOENT'))
  if (moved !== true) return false
  const found = await readLockFile(aside)
  const right = found !== null && expected(found)
  if (found !== null && !right) await link(aside, path).catch(ignoring('EEXIST', 'ENOENT', ...LINKLESS))
  await rm(aside, { force: true })
  return right
}

/**
 * Removes drafts, probes and lock files set aside that a run which was killed left beside the lock files of a folder more
 * than an hour ago; only those beside a lock whose name is `wanted`.
 */
export async function removeLockDebris(folder: string, wanted: (name: string) => boolean): Promise<void> {
  const debris = (await readdir(folder)).filter(name => {
    return wanted(name.slice(0, -UUID_LENGTH - 1)) && UUID.test(name.slice(-UUID_LENGTH))
  })
  const [first] = debris
  if (first === undefined) return
  const oldest = (await fileSystemNowNs(join(folder, first))) - DEBRIS_AFTER_NS
  for (const name of debris) {
    const found = await readLockFile(join(folder, name)).catch(ignoringFault)
    if (found !== null && found !== undefined && found.touchedNs < oldest) await rm(join(folder, name), { force: true })
  }
}

/** What is longer than any lock was not written by one, and then is none's. */
async function textOf(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(MOST_BYTES.lock), 0, MOST_BYTES.lock, 0)
  return buffer.toString('utf8', 0, bytesRead)
}

function parseHolder(text: string): LockHolder | null {
  try {
    const json = JSON.parse(text) as Partial<LockHolder> | null
    return typeof json?.token === 'string' && typeof json.pid === 'number' ? (json as LockHolder) : null
  } catch {
    return null
  }
}
