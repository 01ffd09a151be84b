import type { SourceKind } from '../config/source-id.ts'
import { failureOf, failureText } from '../errors.ts'
import { makeFolderBelow, pathBelow } from '../system/below.ts'
import { codeOf } from '../system/error-code.ts'
import { openPlainFile, readEndOfFile } from '../system/plain-file.ts'
import { MOST_BYTES } from '../system/size-limits.ts'
import { volumeError, volumeFileWords } from '../volume-error.ts'
import type { ArchiveEntry } from './catalog.ts'
import { pathBelowVolume } from './filter.ts'
import { type Goodness, goodnessByManifest } from './goodness.ts'

type Identity = Pick<ArchiveEntry, 'folder' | 'name' | 'bytes' | 'modifiedMs'>
type Line = Identity & { readonly kind: string; readonly good: boolean }

/** As which kind of source archives are read here; a line that names none is from before there were kinds. */
const KIND: SourceKind = 'postgres'

const FOLDER = '.backup'
const FILE = `${FOLDER}/checked.jsonl`

/** What is known of archives that were read because no manifest vouches for them. */
export interface CheckedArchives {
  /** By the manifest where there is one, else by what an earlier reading of the same file found. */
  goodnessOf(entry: ArchiveEntry): Goodness
  /** Keeps what a reading found, also for later runs where it can be written down. Never rejects. */
  record(entry: ArchiveEntry, good: boolean): Promise<void>
}

/**
 * Opens `.backup/checked.jsonl`, one line per reading, the last one of a file and kind counts. A file is the same as long
 * as name, size and mtime are. Lines that can't be read, such as a torn last one, are passed over. Nothing depends on it:
 * what it does not say is found out once more, so that it never rejects. `warn` is told what could not be read or
 * written.
 */
export async function openCheckedArchives(backupDir: string, warn: (text: string) => void): Promise<CheckedArchives> {
  const known = await readKnown(backupDir, warn)
  return {
    goodnessOf(entry) {
      const byManifest = goodnessByManifest(entry)
      if (byManifest !== 'unknown') return byManifest
      const good = known.get(keyOf(entry))
      return good === undefined ? 'unknown' : good ? 'good' : 'bad'
    },
    async record(entry, good) {
      known.set(keyOf(entry), good)
      await append(backupDir, lineOf(entry, good)).catch((error: unknown) => {
        const reason = failureText(failureOf(volumeError(error, FILE)))
        warn(`not recorded: which archives without a manifest are whole: ${reason}`)
      })
    },
  }
}

async function readKnown(backupDir: string, warn: (text: string) => void): Promise<Map<string, boolean>> {
  const again = (reason: string): void => warn(`not read: ${FILE}: ${reason}; what it held is found out again`)
  try {
    const { bytes, isCut } = await readEndOfFile(await pathBelow(backupDir, FILE), MOST_BYTES.checked)
    const known = parse(bytes.toString('utf8'))
    if (isCut) again(`it has more than ${MOST_BYTES.checked} bytes, of which the last were read; expected fewer`)
    else if (known.size === 0 && bytes.length > 0) again('no line of it can be read; expected one for each archive')
    return known
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') again(volumeFileWords(error))
    return new Map()
  }
}

function keyOf(entry: Identity, kind: string = KIND): string {
  return JSON.stringify([kind, pathBelowVolume(entry), entry.bytes, entry.modifiedMs])
}

function lineOf({ folder, name, bytes, modifiedMs }: Identity, good: boolean): string {
  return JSON.stringify({ kind: KIND, folder, name, bytes, modifiedMs, good } satisfies Line)
}

function parse(text: string): Map<string, boolean> {
  const known = new Map<string, boolean>()
  for (const line of text.split('\n')) {
    const record = parseLine(line)
    if (record !== null) known.set(keyOf(record, record.kind), record.good)
  }
  return known
}

function parseLine(line: string): Line | null {
  try {
    const { kind = KIND, folder, name, bytes, modifiedMs, good } = JSON.parse(line) as Partial<Line>
    const isWhole =
      typeof good === 'boolean' &&
      [kind, folder, name].every(text => typeof text === 'string') &&
      [bytes, modifiedMs].every(number => typeof number === 'number')
    return isWhole ? ({ kind, folder, name, bytes, modifiedMs, good } as Line) : null
  } catch {
    return null
  }
}

async function append(backupDir: string, line: string): Promise<void> {
  await makeFolderBelow(backupDir, FOLDER)
  await using file = await openPlainFile(await pathBelow(backupDir, FILE), 'append')
  // The line break comes first: after a torn last line it keeps ours whole.
  await file.appendFile(`\n${line}`)
}
