import type { FileHandle } from 'node:fs/promises'
import { isOutOfSpace } from './error-code.ts'

/**
 * Writes a text at the begin of an empty file, all of it and down to the disk; false where there is no room: then the file
 * is empty, and stamped by the clock of its file system.
 */
export async function writeOrStamp(file: FileHandle, text: string): Promise<boolean> {
  try {
    await file.writeFile(text)
    await file.sync()
    return true
  } catch (error) {
    if (!isOutOfSpace(error)) throw error
    await file.truncate(0)
    return false
  }
}
