import { lstat, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolderBelow, pathBelow } from '../../system/below.ts'
import { ignoring } from '../../system/error-code.ts'
import { openPlainFile, readEndOfFile } from '../../system/plain-file.ts'
import { volumeError } from '../../volume-error.ts'
import { type HistoryLine, historyText, readHistoryLine } from '../history-line.ts'

const FOLDER = '.backup'
const FILE = `${FOLDER}/runs.jsonl`
/** The one older file that is kept beside it. */
const OLDER_FILE = `${FOLDER}/runs.1.jsonl`
const ROTATE_BYTES = 1024 * 1024
/** What is read from the end of each file, whatever somebody has put there. */
const READ_BYTES = 2 * ROTATE_BYTES

/**
 * Appends one line to `.backup/runs.jsonl` and forces it to the disk. At one megabyte the file becomes
 * `runs.1.jsonl`, in the place of the one before. Throws an OperatorError of kind `space` or `volume`.
 */
export async function appendHistory(backupDir: string, line: HistoryLine): Promise<void> {
  try {
    await makeFolderBelow(backupDir, FOLDER)
    const path = await pathBelow(backupDir, FILE)
    await rotate(path, await pathBelow(backupDir, OLDER_FILE))
    await using file = await openPlainFile(path, 'append')
    // The line break comes first: after a torn last line it keeps ours whole.
    await file.appendFile(`\n${historyText(line)}`)
    await file.sync()
  } catch (error) {
    throw volumeError(error, join(backupDir, FILE))
  }
}

/**
 * The lines of both files, oldest first; at most two megabytes of each. What cannot be read, such as a torn last line,
 * is passed over. Throws an OperatorError of kind `volume`.
 */
export async function readHistory(backupDir: string): Promise<readonly HistoryLine[]> {
  const texts = [OLDER_FILE, FILE].map(name => readEnd(backupDir, name))
  const lines = (await Promise.all(texts)).flatMap(text => text.split('\n'))
  return lines.flatMap(line => (line === '' ? [] : (readHistoryLine(line) ?? [])))
}

/** Two programs that rotate at the same time lose at most the older file; a line is never half of one and half of another. */
async function rotate(path: string, older: string): Promise<void> {
  const found = await lstat(path).catch(ignoring('ENOENT'))
  if (found !== undefined && found.size >= ROTATE_BYTES) await rename(path, older).catch(ignoring('ENOENT'))
}

async function readEnd(backupDir: string, name: string): Promise<string> {
  try {
    return (await readEndOfFile(await pathBelow(backupDir, name), READ_BYTES)).bytes.toString('utf8')
  } catch (error) {
    ignoreMissing(error, join(backupDir, name))
    return ''
  }
}

function ignoreMissing(error: unknown, path: string): void {
  try {
    ignoring('ENOENT', 'ENOTDIR')(error)
  } catch {
    throw volumeError(error, path)
  }
}
