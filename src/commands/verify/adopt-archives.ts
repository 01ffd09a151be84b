import { isArchiveOf } from '../../catalog/archive-owner.ts'
import { type ArchiveEntry, readCatalog } from '../../catalog/catalog.ts'
import { matchingArchives, pathBelowVolume } from '../../catalog/filter.ts'
import { pinArchive } from '../../catalog/pins.ts'
import { addManifest } from '../../catalog/update-manifest.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { failureOf, failureText, logLinesOf } from '../../errors.ts'
import { describeFound } from '../../sources/postgres/dump-file/describe-found.ts'
import type { Context } from '../context.ts'

interface Adoption {
  readonly databases: readonly NamedDatabase[]
  readonly context: Context
  readonly filter: string | null
  /** Gets a line about each archive. */
  say(line: string): void
}

/**
 * `--adopt`: writes a manifest for every archive of these databases that has none, from the archive's own bytes, so that
 * it can be proved from now on. One that is no whole dump is refused: that is said, and nothing is written. Throws an
 * OperatorError of kind `volume` if the volume can't be read, or the signal's reason.
 */
export async function adoptArchives({ databases, context, filter, say }: Adoption, signal: AbortSignal): Promise<void> {
  const { backupDir, timeZone } = context.configuration.settings
  for (const database of databases) {
    const { entries } = await readCatalog(backupDir, { timeZone, stems: new Set([database.id.stem]) })
    const named = filter === null ? entries : matchingArchives(entries, filter, backupDir)
    const { databases: configured } = context.configuration
    for (const entry of named.filter(each => each.manifest === null && isArchiveOf(each, database, configured))) {
      const { manifestProblem } = entry
      const line =
        manifestProblem === null
          ? await adopt({ entry, database, context }, signal)
          : `NOT ADOPTED ${pathBelowVolume(entry)}: it has a manifest, which cannot be used: ${manifestProblem}; ${MOVE_AWAY}`
      say(line)
    }
  }
}

/** A manifest that can't be read may be the only one that says what was dumped: a person decides what becomes of it. */
const MOVE_AWAY = 'nothing was written; put the right one back, or move it away and adopt the archive then'

interface Adopting {
  readonly entry: ArchiveEntry
  readonly database: NamedDatabase
  readonly context: Context
}

/** What is said of it. */
async function adopt({ entry, database, context }: Adopting, signal: AbortSignal): Promise<string> {
  const { clock, runId, log, configuration } = context
  const { backupDir } = configuration.settings
  const archive = pathBelowVolume(entry)
  try {
    signal.throwIfAborted()
    await using _pin = await pinArchive(entry, { backupDir, runId, clock })
    const manifest = await describeFound({ entry, database, context }, signal)
    const isNew = await addManifest({ backupDir, entry, runId, clock }, manifest, signal)
    if (isNew) log.info('archive-adopted', { archive, rawBytes: manifest.rawBytes })
    return isNew ? `adopted    ${archive}` : `unchanged  ${archive}: it has a manifest by now`
  } catch (error) {
    signal.throwIfAborted()
    log.warn('archive-not-adopted', { archive, failure: failureOf(error), lines: logLinesOf(error) })
    return `NOT ADOPTED ${archive}: ${failureText(failureOf(error))}`
  }
}
