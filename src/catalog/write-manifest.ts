import { rm } from 'node:fs/promises'
import { publishFile, writeSynced } from '../system/publish-file.ts'
import { volumeError } from '../volume-error.ts'
import type { Manifest } from './manifest.ts'
import { dividedByPlace } from './manifest-places.ts'
import { inProgressName } from './naming/names.ts'

/**
 * Writes a manifest so that a reader sees the old one, none, or the whole new one: temporary name, fsync,
 * rename, fsync of the folder. `path` is that of the manifest itself. A temporary file that a dead run left behind is
 * written over, so the caller holds the lock of the stem, or that of the manifest. Throws an OperatorError of kind
 * `space` or `volume`.
 */
export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await using prepared = await prepareManifest(path, manifest)
  await prepared.publish()
}

/** A manifest whose bytes are on the disk under a temporary name, which goes when this is disposed of. */
export interface PreparedManifest extends AsyncDisposable {
  /** Gives it its name. Throws an OperatorError of kind `space` or `volume`. */
  publish(): Promise<void>
}

/** The first half of `writeManifest`, which takes the space: what is left needs none. Throws as it does. */
export async function prepareManifest(path: string, manifest: Manifest): Promise<PreparedManifest> {
  const temporary = inProgressName(path)
  const discard = (): Promise<void> => rm(temporary, { force: true }).catch(() => {})
  try {
    await rm(temporary, { force: true })
    await writeSynced(temporary, manifestText(manifest))
  } catch (error) {
    await discard()
    throw volumeError(error, path)
  }
  return {
    async publish() {
      try {
        await publishFile(temporary, path)
      } catch (error) {
        throw volumeError(error, path)
      }
    },
    [Symbol.asyncDispose]: discard,
  }
}

/** A manifest as it stands in its file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(dividedByPlace(manifest), null, 2)}\n`
}
