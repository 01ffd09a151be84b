import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inProgressName } from '../../catalog/names.ts'
import { volumeError } from '../../errors.ts'
import { archiveNames, type BackupJob } from '../../plan.ts'
import { codeOf } from '../../system/error-code.ts'
import { publishFile } from '../../system/files.ts'

interface Place {
  readonly backupDir: string
  readonly timeZone: string
}

/** The temporary path of a job's archive: the first whose final name is free too. The caller holds the lock of the stem. */
export async function unfinishedPath(job: BackupJob, place: Place): Promise<string> {
  return join(place.backupDir, job.folder, inProgressName(await freeName(job, place)))
}

/**
 * Gives a finished file its final name, which is returned, and makes that durable. Nothing is ever overwritten: where
 * the name was taken meanwhile, the next free second is used. Throws an OperatorError of kind `volume` or `space`; the
 * unfinished file is gone then.
 */
export async function publishArchive(unfinished: string, job: BackupJob, place: Place): Promise<string> {
  const name = await freeName(job, place)
  const final = join(place.backupDir, job.folder, name)
  try {
    await publishFile(unfinished, final)
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw volumeError(error, final)
  }
  return name
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
