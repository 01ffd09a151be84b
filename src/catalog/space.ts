import { statfs } from 'node:fs/promises'
import { OperatorError } from '../errors.ts'
import { volumeError } from '../volume-error.ts'

/** How much of the last archive's size must be free before the next is written. */
const NEEDED_PERCENT = 110

export interface VolumeSpace {
  readonly totalBytes: number
  /** What a user without special rights can still write. */
  readonly freeBytes: number
}

/** The space of the file system that holds `path`. Throws an OperatorError of kind `volume`. */
export async function volumeSpace(path: string): Promise<VolumeSpace> {
  try {
    const { bsize, blocks, bavail } = await statfs(path)
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize }
  } catch (error) {
    throw volumeError(error, path)
  }
}

/** Throws an OperatorError of kind `space` when less is free than 1.1 times the last archive. */
export function requireSpace(place: string, freeBytes: number, lastBytes: number): void {
  const needed = Math.ceil((lastBytes * NEEDED_PERCENT) / 100)
  if (freeBytes >= needed) return
  const message = `${place}: ${freeBytes} bytes are free; expected ${needed}, 1.1 times the last archive`
  throw new OperatorError('space', message, {
    hint: 'make the volume larger, keep fewer backups, or remove some with backup -p',
  })
}

/** Whether a first backup may not fit: less than half the size of the database is free. */
export function isTightForFirst(freeBytes: number, databaseBytes: number): boolean {
  // Compressed dumps are seldom larger: indexes are not in them.
  return freeBytes < databaseBytes / 2
}
