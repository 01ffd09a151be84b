import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../../catalog/manifest.ts'
import { inProgressName, manifestName } from '../../catalog/naming/names.ts'
import { prepareManifest } from '../../catalog/write-manifest.ts'
import { archiveNames, type BackupJob } from '../../plan.ts'
import { pathBelow } from '../../system/below.ts'
import { codeOf } from '../../system/error-code.ts'
import { publishNewFile } from '../../system/publish-file.ts'
import { volumeError } from '../../volume-error.ts'

interface Place {
  readonly backupDir: string
  readonly timeZone: string
}

/**
 * Throws an OperatorError of kind `volume` where the folder of a job, or one above it on the volume, is a symbolic link: the
 * archive would lie where no other mode looks for it.
 */
export async function refuseLinkedFolder({ folder }: Pick<BackupJob, 'folder'>, backupDir: string): Promise<void> {
  await pathBelow(backupDir, `${folder}/.`).catch((error: unknown) => {
    throw volumeError(error, join(backupDir, folder))
  })
}

/** The temporary path of a job's archive: the first whose final name is free too. The caller holds the lock of the stem. */
export async function unfinishedPath(job: BackupJob, place: Place): Promise<string> {
  return join(place.backupDir, job.folder, inProgressName(await freeName(job, place)))
}

export interface PublishedArchive {
  /** Absolute. */
  readonly path: string
  readonly manifest: Manifest
  /** Whether the file system could be made to keep its name through a crash. */
  readonly isNameSynced: boolean
}

/**
 * Gives a finished file its final name and then its manifest, which `describe` makes for that name, and makes both
 * durable. The manifest is on the disk before the archive has its name, so that a volume on which there is no room for it
 * is found out before. Nothing is ever overwritten: where the name was taken meanwhile, the next free second is used.
 * Throws an OperatorError of kind `volume` or `space`; nothing of the two is left then, under whatever name.
 */
export async function publishArchive(unfinished: string, publication: Publication): Promise<PublishedArchive> {
  const { job, place, describe } = publication
  let path = join(place.backupDir, job.folder)
  try {
    const name = await freeName(job, place)
    path = join(path, name)
    const manifest = describe(name)
    await using prepared = await prepareManifest(manifestName(path), manifest)
    if (await exists(path)) return await publishArchive(unfinished, publication)
    const isNameSynced = await publishNewFile(unfinished, path)
    await prepared.publish().catch(async (error: unknown) => {
      await withdraw(path)
      throw error
    })
    return { path, manifest, isNameSynced }
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw volumeError(error, path)
  }
}

interface Publication {
  readonly job: BackupJob
  readonly place: Place
  describe(name: string): Manifest
}

/** The archive first: a manifest without one is no backup, and is swept. */
async function withdraw(path: string): Promise<void> {
  await rm(path, { force: true })
    .then(() => rm(manifestName(path), { force: true }))
    .catch(() => {})
}

async function freeName(job: BackupJob, place: Place): Promise<string> {
  for (const name of archiveNames(job, place.timeZone)) {
    if (!(await exists(join(place.backupDir, job.folder, name)))) return name
  }
  throw new Error('archiveNames never ends')
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false
      throw volumeError(error, path)
    },
  )
}
