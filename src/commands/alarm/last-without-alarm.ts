import { isArchiveOf } from '../../catalog/archive-owner.ts'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { standingAlarm } from '../../catalog/content-alarm.ts'
import { goodnessByManifest } from '../../catalog/goodness.ts'
import { isFutureDated } from '../../catalog/latest.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import { lookAtManifest } from '../../catalog/update-manifest.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import type { ContentAlarm } from '../../events.ts'
import { contentProblem, countedTables } from '../../sources/sources.ts'
import type { HeldContent } from './compare-content.ts'

/** What the archives of a source say of alarms before a new one is taken. */
export interface EarlierAlarms {
  /** That of the newest one, if nobody has taken it for right. */
  readonly standing: ContentAlarm | null
  /** Tables that may lose what they hold, as the newest one has it. */
  readonly except: readonly string[]
  /** The newest that has no alarm, or one that was taken for right; null: there is none that can be read. */
  readonly content: HeldContent | null
}

/**
 * Reads what a new archive is held against. `entries` are those of the stem, newest first; the manifest of the newest is
 * read again, as a person may have accepted its alarm meanwhile. Never rejects.
 */
export async function lastWithoutAlarm(
  entries: readonly ArchiveEntry[],
  { database, now }: { readonly database: NamedDatabase; readonly now: Date },
): Promise<EarlierAlarms> {
  const [newest, ...older] = whole(entries, { database, now })
  if (newest === undefined) return { standing: null, except: [], content: null }
  const read = await manifestOf(newest)
  const { alarmExcept: except = [] } = read ?? newest.manifest ?? {}
  const standing = standingAlarm(read ?? newest.manifest)
  const quiet = older.filter(entry => standingAlarm(entry.manifest) === null)
  for (const entry of standing === null ? [newest, ...quiet] : quiet) {
    const content = await contentOf(entry.name, entry === newest ? read : await manifestOf(entry))
    if (content !== null) return { standing, except, content }
  }
  return { standing, except, content: null }
}

/** The archives that say what they hold and are whole: what stands is what the newest of them says. */
export function whole(
  entries: readonly ArchiveEntry[],
  { database, now }: { readonly database: NamedDatabase; readonly now: Date },
): readonly ArchiveEntry[] {
  return entries.filter(
    entry => isArchiveOf(entry, database) && goodnessByManifest(entry) === 'good' && !isFutureDated(entry, now),
  )
}

async function contentOf(archive: string, manifest: Manifest | null): Promise<HeldContent | null> {
  const tables = manifest === null ? '' : await countedTables(manifest)
  return manifest === null || typeof tables === 'string' ? null : { archive, tables, rawBytes: manifest.rawBytes }
}

/** Null where it can't be used. */
async function manifestOf({ path }: ArchiveEntry): Promise<Manifest | null> {
  const found = await lookAtManifest(path, contentProblem)
  return typeof found === 'string' ? null : found
}
