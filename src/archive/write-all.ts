import type { FileHandle } from 'node:fs/promises'

/** Writes all of `bytes` at the file's position: a single write may be cut short, by a full volume for one. */
export async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0
  while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten
}
