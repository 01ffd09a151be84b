import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { volumeError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { isCalendarDate } from './names.ts'
import { TIERS, type Tier } from './tiers.ts'

/** One dated folder of the volume and the names of the plain files in it. */
export interface DatedFolder {
  /** Relative to the volume: `daily/2026-11-20`, or `2026-11-20` of the daily strategy. */
  readonly folder: string
  readonly tier: Tier | null
  readonly files: readonly string[]
}

/**
 * Reads the names in `<tier>/<date>/` and `<date>/`. Folders of any other shape, files elsewhere and everything behind
 * a symbolic link are not ours and are not looked at. Throws an OperatorError of kind `volume` if a folder can't be read.
 */
export async function readDatedFolders(backupDir: string): Promise<readonly DatedFolder[]> {
  const top = await entriesOf(backupDir, '')
  if (top === null) throw volumeError(missing(), backupDir)
  const inTiers = await Promise.all(
    TIERS.filter(tier => hasFolder(top, tier)).map(tier => datedFoldersIn(backupDir, tier)),
  )
  const dated = [...datesIn(top).map(date => ({ folder: date, tier: null })), ...inTiers.flat()]
  return Promise.all(dated.map(async at => ({ ...at, files: await filesIn(backupDir, at.folder) })))
}

async function datedFoldersIn(backupDir: string, tier: Tier): Promise<{ folder: string; tier: Tier }[]> {
  const entries = (await entriesOf(backupDir, tier)) ?? []
  return datesIn(entries).map(date => ({ folder: `${tier}/${date}`, tier }))
}

async function filesIn(backupDir: string, folder: string): Promise<string[]> {
  const entries = (await entriesOf(backupDir, folder)) ?? []
  return entries.filter(entry => entry.isFile()).map(entry => entry.name)
}

function datesIn(entries: readonly Dirent[]): string[] {
  return entries.filter(entry => entry.isDirectory() && isCalendarDate(entry.name)).map(entry => entry.name)
}

function hasFolder(entries: readonly Dirent[], name: string): boolean {
  return entries.some(entry => entry.name === name && entry.isDirectory())
}

/** Null for a folder that is gone: a prune may remove an empty one at any time. */
async function entriesOf(backupDir: string, folder: string): Promise<Dirent[] | null> {
  const path = join(backupDir, folder)
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw volumeError(error, path)
  }
}

function missing(): Error {
  return Object.assign(new Error('no such folder'), { code: 'ENOENT' })
}
