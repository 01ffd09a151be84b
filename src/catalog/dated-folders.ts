import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../system/error-code.ts'
import { kindOf } from '../system/plain-file.ts'
import { volumeError } from '../volume-error.ts'
import { TIERS, type Tier } from './naming/archive-folder.ts'
import { classifyFile, isCalendarDate } from './naming/names.ts'
import type { NotLookedInto } from './not-looked-into.ts'

/** One dated folder of the volume and the names of what is in it. */
export interface DatedFolder {
  /** Relative to the volume: `daily/2026-11-20`, or `2026-11-20` of the daily strategy. */
  readonly folder: string
  readonly tier: Tier | null
  /** Of plain files. */
  readonly files: readonly string[]
  /** Of what has the name of a file of ours and is no plain file. */
  readonly others: readonly NotLookedInto[]
}

/** The dated folders of a volume, and what would be one of them, or hold them, if it were no link. */
export interface DatedFolders {
  readonly folders: readonly DatedFolder[]
  readonly notLookedInto: readonly NotLookedInto[]
}

/**
 * Reads the names in `<tier>/<date>/` and `<date>/`. Folders of any other shape and files elsewhere are not ours and are
 * not looked at; nothing behind a symbolic link is looked at either, but the link is named. Throws an OperatorError of
 * kind `volume` if a folder can't be read.
 */
export async function readDatedFolders(backupDir: string): Promise<DatedFolders> {
  const top = await entriesOf(backupDir, '')
  if (top === null) throw volumeError(missing(), backupDir)
  const tiers = TIERS.filter(tier => top.some(entry => entry.name === tier && entry.isDirectory()))
  const inTiers = await Promise.all(
    tiers.map(async tier => ({ tier, entries: (await entriesOf(backupDir, tier)) ?? [] })),
  )
  const dated = [
    ...datesIn(top).map(date => ({ folder: date, tier: null })),
    ...inTiers.flatMap(({ tier, entries }) => datesIn(entries).map(date => ({ folder: `${tier}/${date}`, tier }))),
  ]
  return {
    folders: await Promise.all(dated.map(async at => ({ ...at, ...(await filesIn(backupDir, at.folder)) }))),
    notLookedInto: [
      ...linksIn('', top, name => name === OWN_FOLDER || TIERS.some(tier => tier === name) || isCalendarDate(name)),
      ...inTiers.flatMap(({ tier, entries }) => linksIn(`${tier}/`, entries, isCalendarDate)),
    ],
  }
}

/** Where the program keeps what it knows. */
const OWN_FOLDER = '.backup'

function linksIn(
  prefix: string,
  entries: readonly Dirent[],
  isOurs: (name: string) => boolean,
): readonly NotLookedInto[] {
  return entries
    .filter(entry => entry.isSymbolicLink() && isOurs(entry.name))
    .map(entry => ({ path: prefix + entry.name, found: kindOf(entry) }))
}

async function filesIn(backupDir: string, folder: string): Promise<Pick<DatedFolder, 'files' | 'others'>> {
  const entries = (await entriesOf(backupDir, folder)) ?? []
  const others = entries.filter(entry => !entry.isFile() && classifyFile(entry.name) !== null)
  return {
    files: entries.filter(entry => entry.isFile()).map(entry => entry.name),
    others: others.map(entry => ({ path: `${folder}/${entry.name}`, found: kindOf(entry) })),
  }
}

function datesIn(entries: readonly Dirent[]): string[] {
  return entries.filter(entry => entry.isDirectory() && isCalendarDate(entry.name)).map(entry => entry.name)
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
