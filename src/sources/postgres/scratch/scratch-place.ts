import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, rm, rmdir, stat, statfs, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { OperatorError } from '../../../errors.ts'
import { codeOf, ignoring } from '../../../system/error-code.ts'
import { ownIdentity, type ProcessIdentity } from '../../../system/process-identity.ts'
import type { ServerUser } from './server-user.ts'

/** What an empty server takes: its catalogs, three segments of WAL, and room to begin with. */
const LEAST_BYTES = 256 * 1024 * 1024
/** A socket's path, which ends at 107 bytes (unix(7)), and what PostgreSQL adds to its folder. */
const LONGEST_SOCKET_FOLDER = 107 - '/.s.PGSQL.5432.lock'.length
/** All that PostgreSQL puts into a socket folder. */
const SOCKET_FILES = ['.s.PGSQL.5432', '.s.PGSQL.5432.lock']

/** The files of one scratch server. All but `socketFolder` lie in VERIFICATION_DIR. */
export interface ScratchPlace {
  /** Says whose they are; made before, and removed after, everything else. */
  readonly marker: string
  readonly folder: string
  readonly dataFolder: string
  readonly socketFolder: string
}

/** What a marker says. */
export interface ScratchMarker extends ProcessIdentity {
  readonly runId: string
  /** ISO 8601. */
  readonly since: string
  readonly socketFolder: string
}

/** The names that scratch servers have in VERIFICATION_DIR; the group `id` is what marker and folder share. */
export const MARKER_NAME = /^backup-scratch-(?<id>[0-9a-f]{24})\.json$/

/** Where the server with this id has its files. */
export function placeOf(verificationDir: string, id: string, socketFolder: string): ScratchPlace {
  const folder = path.join(verificationDir, `backup-scratch-${id}`)
  return { marker: `${folder}.json`, folder, dataFolder: path.join(folder, 'data'), socketFolder }
}

/** The name of a server's socket folder, which is short wherever it lies. */
export function socketFolderName(id: string): string {
  return `backup-${id.slice(0, 12)}`
}

/**
 * Throws an OperatorError that says what to do unless `verificationDir` is a folder with `bytes` of free space and a
 * little more for the server itself.
 */
export async function requireScratchSpace(verificationDir: string, bytes: number): Promise<void> {
  const found = await stat(verificationDir).catch(ignoring('ENOENT', 'ENOTDIR', 'EACCES'))
  if (found?.isDirectory() !== true) throw noFolder(verificationDir)
  const { bavail, bsize } = await statfs(verificationDir)
  const [free, need] = [bavail * bsize, bytes + LEAST_BYTES]
  if (free >= need) return
  throw new OperatorError('space', `${verificationDir}: ${megabytes(free)} MB free; expected ${megabytes(need)} MB`, {
    hint: 'enlarge the volume of VERIFICATION_DIR: a scratch database takes about as much space as the real one',
  })
}

/** Makes the marker and the empty folders. Throws OperatorError for a folder that can't be used. */
export async function makePlace(
  verificationDir: string,
  input: { readonly runId: string; readonly now: Date; readonly user: ServerUser },
): Promise<ScratchPlace> {
  const id = randomBytes(12).toString('hex')
  const place = placeOf(verificationDir, id, path.join(await socketRoot(), socketFolderName(id)))
  const marker: ScratchMarker = {
    ...ownIdentity(),
    runId: input.runId,
    since: input.now.toISOString(),
    socketFolder: place.socketFolder,
  }
  try {
    await writeMarker(place.marker, marker)
    for (const folder of [place.folder, place.socketFolder]) await makeFolderFor(input.user, folder)
  } catch (error) {
    await removePlace(place).catch(() => {})
    throw unusable(error, verificationDir)
  }
  return place
}

/** Removes all files of a server that has ended, the marker last. May be called again. */
export async function removePlace(place: ScratchPlace): Promise<void> {
  await rm(place.folder, { recursive: true, force: true, maxRetries: 3 })
  for (const name of SOCKET_FILES) await unlink(path.join(place.socketFolder, name)).catch(ignoring('ENOENT'))
  await rmdir(place.socketFolder).catch(ignoring('ENOENT', 'ENOTEMPTY'))
  await rm(place.marker, { force: true })
}

/** A folder only this user may look into, whatever the umask or a setgid folder above would make of it. */
async function makeFolderFor(user: ServerUser, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  await chmod(folder, 0o700)
  if (user.isAnother) await chown(folder, user.uid, user.gid)
}

async function writeMarker(file: string, marker: ScratchMarker): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(JSON.stringify(marker))
}

async function socketRoot(): Promise<string> {
  for (const root of [tmpdir(), '/tmp']) {
    const fits = Buffer.byteLength(path.join(root, socketFolderName('0'.repeat(24)))) <= LONGEST_SOCKET_FOLDER
    const found = fits ? await lstat(root).catch(ignoring('ENOENT', 'EACCES')) : undefined
    if (found !== undefined) return root
  }
  throw new OperatorError('volume', `TMPDIR ${tmpdir()}: too long a path for a socket; expected one of up to 70 bytes`)
}

function noFolder(verificationDir: string): OperatorError {
  return new OperatorError(
    'volume',
    `VERIFICATION_DIR ${verificationDir}: not there; expected a folder for scratch servers`,
    {
      hint: 'mount a volume there (an emptyDir will do), or set VERIFICATION_DIR to another folder',
    },
  )
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write to it',
  EPERM: 'this user may not write to it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  EDQUOT: 'the quota is used up',
}

/** A failed call on VERIFICATION_DIR, or on the folder for sockets, as something to act on. */
function unusable(error: unknown, verificationDir: string): unknown {
  const found = WORDS[codeOf(error)]
  if (found === undefined) return error
  const where = error instanceof Error && 'path' in error ? String(error.path) : verificationDir
  const isHere = where.startsWith(verificationDir)
  const place = isHere ? `VERIFICATION_DIR ${verificationDir}` : `TMPDIR ${path.dirname(where)}`
  return new OperatorError(
    /space|quota/.test(found) ? 'space' : 'volume',
    `${place}: ${found}; expected to write to it`,
    {
      hint: isHere
        ? 'set VERIFICATION_DIR to a folder that this user may write to'
        : 'set TMPDIR to a folder that this user may write to',
    },
  )
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024)
}
