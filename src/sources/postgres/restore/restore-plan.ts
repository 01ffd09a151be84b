import type { ArchiveEntry } from '../../../catalog/catalog.ts'
import { pathBelowVolume } from '../../../catalog/filter.ts'
import type { Manifest } from '../../../catalog/manifest.ts'
import { provedAt } from '../../../catalog/manifest-head.ts'
import { recordedName } from '../../../config/source-id.ts'
import type { ArchiveSource, Remark } from '../../../events.ts'
import type { Memory } from '../../../system/memory.ts'
import { isoWithOffset } from '../../../system/time-zone.ts'
import type { DatabaseShape } from '../made/database-shape.ts'
import { companionEnding, companionName } from '../swap/companion-names.ts'
import type { SessionGroup } from '../swap/sessions.ts'
import { preflightOf } from './preflight.ts'
import type { RestoreTarget, TargetState } from './target-state.ts'

/** All that a restore is going to do, before it does anything; `--json` prints it as it is. */
export interface RestorePlan {
  readonly archive: {
    /** Below the volume, or `ftp/…`, `s3/…`. */
    readonly path: string
    readonly from: ArchiveSource
    /** ISO 8601 with offset. */
    readonly takenAt: string
    readonly bytes: number
    /** `host/database` of which it was taken; null without a manifest. */
    readonly of: string | null
    readonly provedAt: string | null
    readonly hasManifest: boolean
    readonly notes: readonly string[]
  }
  readonly target: {
    /** `host[:port]/database`. */
    readonly name: string
    readonly database: string
    readonly exists: boolean
    readonly serverVersion: string
    readonly admin: string
    readonly sizeBytes: number | null
    readonly tables: number | null
    readonly sessions: readonly SessionGroup[]
  }
  /** The name under which the new database is loaded. */
  readonly sideName: string
  /** The name under which the database that is there now is kept; null where there is none, or it is dropped. */
  readonly keptAs: string | null
  readonly inPlace: boolean
  /** What the server needs besides what it holds now, as the archive's database was that large; null: not known. */
  readonly moreBytes: number | null
  readonly owner: string
  readonly shape: DatabaseShape
  /** Whose owner, encoding and locale the new database gets. */
  readonly shapeFrom: 'archive' | 'live database' | 'server'
  /** Whose settings, rights, comment and connection limit it gets. */
  readonly factsFrom: 'live database' | 'archive' | 'none'
  readonly blocks: readonly Remark[]
  readonly warnings: readonly Remark[]
}

/** The archive that was chosen. */
export interface ArchiveToRestore {
  readonly entry: ArchiveEntry
  /** Null for an archive of the bash tool. */
  readonly manifest: Manifest | null
  readonly from: ArchiveSource
  /** What a person should know of the choice. */
  readonly notes: readonly string[]
}

export interface RestorePlanInput {
  readonly source: ArchiveToRestore
  readonly target: RestoreTarget
  readonly state: TargetState
  readonly inPlace: boolean
  /** Whether the load may go past errors, so that what the server lacks does not stand in the way. */
  readonly ignoreErrors: boolean
  readonly withSuperuserObjects: boolean
  readonly memory: Memory | null
  readonly now: Date
  readonly timeZone: string
}

/** Decides everything that can be decided beforehand. */
export function planRestore(input: RestorePlanInput): RestorePlan {
  const { source, target, state, inPlace, now, timeZone } = input
  const { survey, live } = state
  const shaped = shapeOf(source.manifest, state)
  const name = (companion: 'restore' | 'before'): string =>
    companionName(survey.base, companionEnding(companion, now, timeZone), survey.databases)
  return {
    archive: archiveOf(input),
    target: {
      name: target.spec.id.name,
      database: target.spec.database,
      exists: live !== null,
      serverVersion: state.server.version,
      admin: survey.admin.name,
      sizeBytes: live?.database.sizeBytes ?? null,
      tables: live?.tables ?? null,
      sessions: survey.live?.sessions ?? [],
    },
    sideName: name('restore'),
    keptAs: live === null || inPlace ? null : name('before'),
    inPlace,
    moreBytes: moreBytesOf(source.manifest),
    ...shaped,
    factsFrom: live !== null ? 'live database' : source.manifest !== null ? 'archive' : 'none',
    ...preflightOf({ ...input, manifest: source.manifest, owner: shaped.owner }),
  }
}

/** Of an adopted archive nobody knows. */
function moreBytesOf(manifest: Manifest | null): number | null {
  const bytes = manifest?.database.sizeBytes ?? -1
  return bytes < 0 ? null : bytes
}

function archiveOf({ source, timeZone }: RestorePlanInput): RestorePlan['archive'] {
  const { entry, manifest, from, notes } = source
  return {
    path: pathBelowVolume(entry),
    from,
    takenAt: isoWithOffset(entry.takenAt, timeZone),
    bytes: entry.bytes,
    of: manifest === null ? null : recordedName(manifest.database),
    provedAt: entry.manifest === null ? null : provedAt(entry.manifest),
    hasManifest: manifest !== null,
    notes,
  }
}

function shapeOf(
  manifest: Manifest | null,
  { live, survey }: TargetState,
): Pick<RestorePlan, 'owner' | 'shape' | 'shapeFrom'> {
  const recorded = manifest?.database ?? live?.database
  if (recorded === undefined) return { owner: survey.admin.name, shape: survey.template, shapeFrom: 'server' }
  const shape = {
    encoding: recorded.encoding,
    collate: recorded.collate,
    ctype: recorded.ctype,
    localeProvider: recorded.localeProvider ?? null,
    icuLocale: recorded.icuLocale ?? null,
    // Of its content: not that of the live database.
    withoutPublic: manifest?.database.withoutPublic ?? false,
  }
  return {
    owner: recorded.owner ?? live?.database.owner ?? survey.admin.name,
    shape,
    shapeFrom: manifest === null ? 'live database' : 'archive',
  }
}
