import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { holdLock } from '../../catalog/held-lock.ts'
import { createLockFile, readLockFile } from '../../catalog/lock-file.ts'
import { isStale } from '../../catalog/locks.ts'
import { OperatorError } from '../../errors.ts'
import type { Clock } from '../../system/clock.ts'
import { ignoring } from '../../system/error-code.ts'
import { ignoringFault } from '../../system/file-fault.ts'
import { ownIdentity } from '../../system/process-identity.ts'
import { formatBytes } from '../../terminal/format.ts'
import { volumeError } from '../../volume-error.ts'

const NAME = /^backup-copy-[0-9a-f]{24}$/
const OWNER = 'owner.lock'

/** A folder that nobody else can look into; it goes with all that is in it. */
export interface CopyFolder extends AsyncDisposable {
  readonly path: string
}

export interface CopyFolderInput {
  /** VERIFICATION_DIR. */
  readonly parent: string
  /** What is to be put into it. */
  readonly bytes: number
  readonly runId: string
  readonly clock: Clock
}

/**
 * Makes a folder for one copy that is fetched, after removing those that killed runs have left. It has an owner with a
 * heartbeat, as a lock has. Throws an OperatorError of kind `space` or `volume`.
 */
export async function makeCopyFolder({ parent, bytes, runId, clock }: CopyFolderInput): Promise<CopyFolder> {
  const path = join(parent, `backup-copy-${randomBytes(12).toString('hex')}`)
  try {
    await sweep(parent)
    await requireSpace(parent, bytes)
    await mkdir(path, { mode: 0o700 })
    const owner = join(path, OWNER)
    const holder = { ...ownIdentity(), token: randomUUID(), runId, since: clock.now().toISOString() }
    await createLockFile(owner, holder)
    const lock = holdLock({ path: owner, stem: runId, holder, clock })
    return {
      path,
      async [Symbol.asyncDispose]() {
        await lock[Symbol.asyncDispose]()
        await rm(path, { recursive: true, force: true }).catch(() => {})
      },
    }
  } catch (error) {
    await rm(path, { recursive: true, force: true }).catch(() => {})
    throw volumeError(error, `VERIFICATION_DIR ${parent}`)
  }
}

/** Only what has our name and an owner who is gone. */
async function sweep(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter(name => NAME.test(name))
  for (const folder of names.map(name => join(parent, name))) {
    const owner = join(folder, OWNER)
    const reading = readLockFile(owner).catch(ignoring('EACCES', 'ENOENT', 'ENOTDIR'))
    const found = await reading.catch(ignoringFault)
    if (found !== null && found !== undefined && (await isStale(owner, found)))
      await rm(folder, { recursive: true, force: true }).catch(() => {})
  }
}

async function requireSpace(parent: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(parent)
  if (bavail * bsize >= bytes) return
  const message = `VERIFICATION_DIR ${parent}: ${formatBytes(bavail * bsize)} free; expected the ${formatBytes(bytes)} of the copy`
  throw new OperatorError('space', message, { hint: 'enlarge its volume, or set VERIFICATION_DIR to another folder' })
}
