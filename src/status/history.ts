import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { volumeError } from '../errors.ts'
import { ignoring } from '../system/error-code.ts'
import { makeFolder } from '../system/files.ts'
import { type HistoryLine, historyText, readHistoryLine } from './history-line.ts'

const FOLDER = '.backup'
const FILE = 'runs.jsonl'
/** The one older file that is kept beside it. */
const OLDER_FILE = 'runs.1.jsonl'
const ROTATE_BYTES = 1024 * 1024
/** What is read from the end of each file, whatever somebody has put there. */
const READ_BYTES = 2 * ROTATE_BYTES

/**
 * Appends one line to `.backup/runs.jsonl` (mode 0600) and forces it to the disk. At one megabyte the file becomes
 * `runs.1.jsonl`, in the place of the one before. Throws an OperatorError of kind `space` or `volume`.
 */
export async function appendHistory(backupDir: string, line: HistoryLine): Promise<void> {
  const path = join(backupDir, FOLDER, FILE)
  try {
    await makeFolder(join(backupDir, FOLDER))
    await rotate(path, join(backupDir, FOLDER, OLDER_FILE))
    await using file = await open(path, 'a', 0o600)
    // The line break comes first: after a torn last line it keeps ours whole.
    await file.appendFile(`\n${historyText(line)}`)
    await file.sync()
  } catch (error) {
    throw volumeError(error, path)
  }
}

/**
 * The lines of both files, oldest first; at most two megabytes of each. What cannot be read, such as a torn last line,
 * is passed over. Throws an OperatorError of kind `volume`.
 */
export async function readHistory(backupDir: string): Promise<readonly HistoryLine[]> {
  const texts = [OLDER_FILE, FILE].map(name => readEnd(join(backupDir, FOLDER, name)))
  const lines = (await Promise.all(texts)).flatMap(text => text.split('\n'))
  return lines.flatMap(line => (line === '' ? [] : (readHistoryLine(line) ?? [])))
}

/** Two programs that rotate at the same time lose at most the older file; a line is never half of one and half of another. */
async function rotate(path: string, older: string): Promise<void> {
  const found = await stat(path).catch(ignoring('ENOENT'))
  if (found !== undefined && found.size >= ROTATE_BYTES) await rename(path, older).catch(ignoring('ENOENT'))
}

async function readEnd(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r')
    return await endOf(file, (await file.stat()).size)
  } catch (error) {
    ignoreMissing(error, path)
    return ''
  }
}

async function endOf(file: FileHandle, size: number): Promise<string> {
  const buffer = Buffer.alloc(Math.min(size, READ_BYTES))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length)
  return buffer.subarray(0, bytesRead).toString('utf8')
}

function ignoreMissing(error: unknown, path: string): void {
  try {
    ignoring('ENOENT', 'ENOTDIR')(error)
  } catch {
    throw volumeError(error, path)
  }
}
