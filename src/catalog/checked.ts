import { appendFile, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { volumeError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { makeFolder } from '../system/files.ts'
import type { ArchiveEntry } from './catalog.ts'
import { pathBelowVolume } from './filter.ts'
import { type Goodness, goodnessByManifest } from './goodness.ts'

type Identity = Pick<ArchiveEntry, 'folder' | 'name' | 'bytes' | 'modifiedMs'>

/** What is known of archives that were read because no manifest vouches for them. */
export interface CheckedArchives {
  /** By the manifest where there is one, else by what an earlier reading of the same file found. */
  goodnessOf(entry: ArchiveEntry): Goodness
  /** Keeps what a reading found, also for later runs. Throws an OperatorError of kind `space` or `volume`. */
  record(entry: ArchiveEntry, good: boolean): Promise<void>
}

/**
 * Opens `.backup/checked.jsonl`, one line per reading, the last one of a file counts. A file is the same as long as
 * name, size and mtime are. Lines that can't be read, such as a torn last one, are passed over.
 */
export async function openCheckedArchives(backupDir: string): Promise<CheckedArchives> {
  const path = join(backupDir, '.backup', 'checked.jsonl')
  const known = parse(await readOrEmpty(path))
  return {
    goodnessOf(entry) {
      const byManifest = goodnessByManifest(entry)
      if (byManifest !== 'unknown') return byManifest
      const good = known.get(keyOf(entry))
      return good === undefined ? 'unknown' : good ? 'good' : 'bad'
    },
    async record(entry, good) {
      known.set(keyOf(entry), good)
      await append(path, lineOf(entry, good))
    },
  }
}

function keyOf(entry: Identity): string {
  return JSON.stringify([pathBelowVolume(entry), entry.bytes, entry.modifiedMs])
}

function lineOf(entry: Identity, good: boolean): string {
  return JSON.stringify({
    folder: entry.folder,
    name: entry.name,
    bytes: entry.bytes,
    modifiedMs: entry.modifiedMs,
    good,
  })
}

function parse(text: string): Map<string, boolean> {
  const known = new Map<string, boolean>()
  for (const line of text.split('\n')) {
    const record = parseLine(line)
    if (record !== null) known.set(keyOf(record), record.good)
  }
  return known
}

function parseLine(line: string): (Identity & { readonly good: boolean }) | null {
  try {
    const json = JSON.parse(line) as Partial<Identity & { good: boolean }> | null
    return typeof json?.good === 'boolean' && typeof json.name === 'string'
      ? (json as Identity & { good: boolean })
      : null
  } catch {
    return null
  }
}

async function readOrEmpty(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    throw volumeError(error, path)
  }
}

async function append(path: string, line: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    // The line break comes first: after a torn last line it keeps ours whole.
    await appendFile(path, `\n${line}`, { mode: 0o600 })
  } catch (error) {
    throw volumeError(error, path)
  }
}
