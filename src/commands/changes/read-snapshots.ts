import { isArchiveOf } from '../../catalog/archive-owner.ts'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import type { Goodness } from '../../catalog/goodness.ts'
import { isFutureDated } from '../../catalog/latest.ts'
import { lookAtManifest } from '../../catalog/update-manifest.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { contentProblem, countedTables } from '../../sources/sources.ts'
import type { Snapshot } from './compare-snapshots.ts'

/** An archive that says nothing of its tables, or nothing that can be believed, and why. */
export interface LeftOut {
  readonly archive: string
  readonly reason: string
}

export interface SnapshotsOf {
  readonly entries: readonly ArchiveEntry[]
  readonly database: NamedDatabase
  readonly configured: readonly NamedDatabase[]
  readonly now: Date
  goodnessOf(entry: ArchiveEntry): Goodness
}

/** Reads the manifests of one database's archives, one after the other, from the oldest to the newest. Never throws. */
export async function* readSnapshots(given: SnapshotsOf): AsyncGenerator<Snapshot | LeftOut> {
  const own = given.entries.filter(entry => isArchiveOf(entry, given.database, given.configured))
  for (const entry of own.toReversed()) {
    const archive = pathBelowVolume(entry)
    const found = isFutureDated(entry, given.now) ? 'dated in the future' : await tablesIn(entry, given)
    yield typeof found === 'string'
      ? { archive, reason: found }
      : { archive, takenAt: entry.takenAt, tables: new Map(found.map(table => [table.name, table])) }
  }
}

async function tablesIn(entry: ArchiveEntry, { goodnessOf }: SnapshotsOf): ReturnType<typeof countedTables> {
  if (goodnessOf(entry) === 'bad') return 'not a whole backup'
  const manifest = await lookAtManifest(entry.path, contentProblem)
  if (manifest === null) return 'no manifest, which counts its tables'
  if (typeof manifest === 'string') return `its manifest cannot be used: ${manifest}`
  const tables = await countedTables(manifest)
  const isClear = typeof tables === 'string' || new Set(tables.map(({ name }) => name)).size === tables.length
  return isClear ? tables : 'its manifest counts a table twice'
}
