import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolderBelow, pathBelow } from '../system/below.ts'
import { ignoring } from '../system/error-code.ts'
import { ignoringFault } from '../system/file-fault.ts'
import { readPlainFile } from '../system/plain-file.ts'
import { publishFile, writeSynced } from '../system/publish-file.ts'
import { MOST_BYTES } from '../system/size-limits.ts'
import { volumeError } from '../volume-error.ts'
import { parseArchiveName } from './naming/names.ts'

const FOLDER = '.backup/removed'

/** What has to go at the destinations because retention removes, or has removed, its archive from the volume. */
export interface RemovedCopy {
  readonly archive: string
  readonly stem: string
  /** Where something of it may still be. */
  readonly destinations: readonly string[]
  /**
   * The size of an archive of which no manifest says where it was copied, as those of the bash tool: only a file of that
   * size is its copy.
   */
  readonly bytes?: number
}

/**
 * Writes down, before an archive is removed, that its copies are to follow: `.backup/removed/<archive>`, one small file
 * each, so that several pods on one volume never lose one another's. Throws an OperatorError of kind `space` or `volume`.
 */
export async function noteRemovedCopy(backupDir: string, { archive, destinations, bytes }: RemovedCopy): Promise<void> {
  const folder = folderOf(backupDir)
  const path = join(folder, archive)
  try {
    await makeFolderBelow(backupDir, FOLDER)
    const draft = `${path}.${randomUUID()}`
    try {
      await writeSynced(draft, JSON.stringify({ destinations, bytes }))
      await publishFile(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
  } catch (error) {
    throw volumeError(error, path)
  }
}

/** What is still to be removed somewhere, by name. Throws an OperatorError of kind `volume`. */
export async function readRemovedCopies(backupDir: string): Promise<readonly RemovedCopy[]> {
  const folder = folderOf(backupDir)
  try {
    await pathBelow(backupDir, `${FOLDER}/.`)
    const names = (await readdir(folder).catch(ignoring('ENOENT'))) ?? []
    const notes = await Promise.all(names.toSorted().map(name => readNote(folder, name)))
    return notes.flatMap(note => note ?? [])
  } catch (error) {
    throw volumeError(error, folder)
  }
}

let settling: Promise<void> = Promise.resolve()

/**
 * One destination is done with it; the last one removes the note. Destinations work side by side and change the same note,
 * so that they take turns.
 */
export async function settleRemovedCopy(backupDir: string, archive: string, destination: string): Promise<void> {
  const turn = settling.then(() => settle(backupDir, archive, destination))
  settling = turn.catch(() => {})
  await turn
}

async function settle(backupDir: string, archive: string, destination: string): Promise<void> {
  await pathBelow(backupDir, `${FOLDER}/.`)
  const note = await readNote(folderOf(backupDir), archive)
  const destinations = note?.destinations.filter(each => each !== destination) ?? []
  if (note !== null && destinations.length > 0) return await noteRemovedCopy(backupDir, { ...note, destinations })
  await rm(join(folderOf(backupDir), archive), { force: true })
}

async function readNote(folder: string, name: string): Promise<RemovedCopy | null> {
  const parsed = parseArchiveName(name)
  if (parsed === null) return null
  const rules = { mostBytes: MOST_BYTES.note, links: 'refuse' } as const
  const reading = readPlainFile(join(folder, name), rules)
  const text = await reading.catch(ignoring('ENOENT')).catch(ignoringFault)
  const noted = text === undefined ? null : noteIn(text.toString('utf8'))
  return noted === null ? null : { archive: name, stem: parsed.stem, ...noted }
}

function noteIn(text: string): Pick<RemovedCopy, 'destinations' | 'bytes'> | null {
  try {
    const json = JSON.parse(text) as { readonly destinations?: unknown; readonly bytes?: unknown } | null
    const list = json?.destinations
    if (!Array.isArray(list) || !list.every(each => typeof each === 'string')) return null
    return { destinations: list, ...(typeof json?.bytes === 'number' ? { bytes: json.bytes } : {}) }
  } catch {
    return null
  }
}

function folderOf(backupDir: string): string {
  return join(backupDir, FOLDER)
}
