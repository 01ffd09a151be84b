import { open, rm } from 'node:fs/promises'
import { volumeError } from '../errors.ts'
import { publishFile } from '../system/files.ts'
import type { Manifest } from './manifest.ts'
import { inProgressName } from './names.ts'

/**
 * Writes a manifest so that a reader sees the old one, none, or the whole new one: temporary name, mode 0600, fsync,
 * rename, fsync of the folder. `path` is that of the manifest itself. A temporary file that a dead run left behind is
 * written over, so the caller holds the lock of the stem, or that of the manifest. Throws an OperatorError of kind
 * `space` or `volume`.
 */
export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  const temporary = inProgressName(path)
  try {
    await rm(temporary, { force: true })
    await writeSynced(temporary, manifestText(manifest))
    await publishFile(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw volumeError(error, path)
  }
}

/** A manifest as it stands in its file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(text)
  await file.sync()
}
