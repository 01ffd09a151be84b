import type { ArchiveEntry } from '../../../catalog/catalog.ts'
import { pathBelowVolume } from '../../../catalog/filter.ts'
import { standingVerdict } from '../../../catalog/manifest-head.ts'
import { type NamedDatabase, recordedName } from '../../../config/source-id.ts'
import type { ArchiveSource, Remark, Verdict } from '../../../events.ts'
import type { Memory } from '../../../system/memory.ts'
import { isoWithOffset } from '../../../system/time-zone.ts'
import type { PostgresManifest } from '../content.ts'
import type { DatabaseShape } from '../made/database-shape.ts'
import type { PlannedRoles } from '../roles/planned-roles.ts'
import { companionEnding, companionName } from '../swap/companion-names.ts'
import type { SessionGroup } from '../swap/sessions.ts'
import { ownSearchPath } from './own-search-path.ts'
import { type GivenShape, knowsShape, type PlannedShape, planShape } from './planned-shape.ts'
import { preflightOf } from './preflight.ts'
import type { RestoreTarget, TargetState } from './target-state.ts'

/** All that a restore is going to do, before it does anything; `--json` prints it as it is. */
export interface RestorePlan {
  /** The other source whose content goes into this database, as `host[:port]/database`; null: it is its own. */
  readonly contentOf: string | null
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
    /** The verdict that stands; null: nobody has tried. */
    readonly verdict: { readonly verdict: Verdict; readonly at: string } | null
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
    /** The user who looked at it instead of the admin, for a dry run that needs none; null: the admin did. */
    readonly seenBy: string | null
    readonly sizeBytes: number | null
    readonly tables: number | null
    readonly sessions: readonly SessionGroup[]
  }
  /** The name under which the new database is loaded. */
  readonly sideName: string
  /** The name under which the database that is there now is kept; null where there is none, or it is dropped. */
  readonly keptAs: string | null
  readonly inPlace: boolean
  /** Whether the planner's statistics are gathered before the swap. */
  readonly analyze: boolean
  /** The schemas in which the load looks for names without one; empty: as the dump has it. */
  readonly searchPath: readonly string[]
  /** What the server needs besides what it holds now, as the archive's database was that large; null: not known. */
  readonly moreBytes: number | null
  readonly owner: string
  readonly shape: DatabaseShape
  readonly collationVersion: PlannedShape['collationVersion']
  /** Whose encoding and locale the new database gets. */
  readonly shapeFrom: PlannedShape['shapeFrom']
  /** Whose settings, rights, comment and connection limit it gets. */
  readonly factsFrom: 'live database' | 'archive' | 'none'
  readonly roles: PlannedRoles
  readonly blocks: readonly Remark[]
  readonly warnings: readonly Remark[]
  /** What could not be looked at without the admin. */
  readonly unseen: readonly string[]
}

/** All that is known where nobody could look at the server. */
export interface PlanOfArchive extends Pick<RestorePlan, 'contentOf' | 'archive' | 'unseen'> {
  readonly target: Pick<RestorePlan['target'], 'name' | 'database' | 'admin'>
}

/** The archive that was chosen. */
export interface ArchiveToRestore {
  readonly entry: ArchiveEntry
  /** Null for an archive of the bash tool. */
  readonly manifest: PostgresManifest | null
  /**
   * The other source that it is of, where it is not the target. `isMeant`: a person named that source; else it may only
   * make a database that is not there.
   */
  readonly another: { readonly name: string; readonly isMeant: boolean } | null
  readonly from: ArchiveSource
  /** What a person should know of the choice. */
  readonly notes: readonly string[]
}

export interface RestorePlanInput {
  readonly source: ArchiveToRestore
  readonly target: RestoreTarget
  readonly state: TargetState
  readonly inPlace: boolean
  readonly analyze: boolean
  /** Look for names without a schema as sessions of the database did. */
  readonly withOwnSearchPath: boolean
  /** Whether it may be one that was never proved, in place of a database that is dropped first. */
  readonly unproved: boolean
  /** Whether the load may go past errors, so that what the server lacks does not stand in the way. */
  readonly ignoreErrors: boolean
  readonly withSuperuserObjects: boolean
  readonly roles: PlannedRoles
  /** What a person says of the database where its archive does not. */
  readonly given: GivenShape
  readonly memory: Memory | null
  readonly now: Date
  readonly timeZone: string
}

/** Decides everything that can be decided beforehand. */
export function planRestore(input: RestorePlanInput): RestorePlan {
  const { source, target, state, inPlace, analyze, roles, now, timeZone } = input
  const { survey, live } = state
  const shaped = planShape(source.manifest, state, input.given)
  const name = (companion: 'restore' | 'before'): string =>
    companionName(survey.base, companionEnding(companion, now, timeZone), survey.databases)
  return {
    contentOf: source.another?.name ?? null,
    archive: archiveOf(input),
    target: {
      name: target.spec.id.name,
      database: target.spec.database,
      exists: live !== null,
      serverVersion: state.server.version,
      admin: survey.admin.name,
      seenBy: null,
      sizeBytes: live?.database.sizeBytes ?? null,
      tables: live?.tables ?? null,
      sessions: survey.live?.sessions ?? [],
    },
    sideName: name('restore'),
    keptAs: live === null || inPlace ? null : name('before'),
    inPlace,
    analyze,
    searchPath: input.withOwnSearchPath ? ownSearchPath(source.manifest) : [],
    moreBytes: moreBytesOf(source.manifest),
    ...shaped,
    factsFrom: live !== null ? 'live database' : knowsShape(source.manifest) ? 'archive' : 'none',
    roles,
    ...preflightOf({ ...input, manifest: source.manifest, from: source.from, owner: shaped.owner }),
    unseen: [],
  }
}

/** The plan of an admin who did not look himself; what only he sees, it takes for granted. */
export function asSeenBy(plan: RestorePlan, user: string): RestorePlan {
  const { admin } = plan.target
  const unseen = [
    `whether ${admin} can log in, may make and rename databases, and end sessions`,
    ...(plan.target.sessions.length === 0 ? [] : [`which applications the sessions of others than ${user} are of`]),
  ]
  return { ...plan, target: { ...plan.target, seenBy: user }, unseen }
}

/** `reason`: why nobody could look at the server. */
export function planOfArchive(input: {
  readonly source: ArchiveToRestore
  readonly spec: NamedDatabase
  readonly adminUser: string
  readonly timeZone: string
  readonly reason: string
}): PlanOfArchive {
  const { source, spec, adminUser, reason } = input
  const { another } = source
  const isAllowed = another === null || another.isMeant
  return {
    contentOf: another?.name ?? null,
    archive: archiveOf(input),
    target: { name: spec.id.name, database: spec.database, admin: adminUser },
    unseen: [
      `the server, and all that may stand in the way there: ${reason}`,
      ...(isAllowed ? [] : [`whether ${spec.id.name} exists: if it does, this needs --of`]),
    ],
  }
}

/** Of an adopted archive nobody knows. */
function moreBytesOf(manifest: PostgresManifest | null): number | null {
  const bytes = manifest?.database.sizeBytes ?? -1
  return bytes < 0 ? null : bytes
}

function archiveOf({ source, timeZone }: Pick<RestorePlanInput, 'source' | 'timeZone'>): RestorePlan['archive'] {
  const { entry, manifest, from, notes } = source
  const standing = standingVerdict(manifest?.verifications ?? [], from)
  return {
    path: pathBelowVolume(entry),
    from,
    takenAt: isoWithOffset(entry.takenAt, timeZone),
    bytes: entry.bytes,
    of: manifest === null ? null : recordedName(manifest.database),
    provedAt: standing?.verdict === 'proved' ? standing.at : null,
    verdict: standing === null ? null : { verdict: standing.verdict, at: standing.at },
    hasManifest: manifest !== null,
    notes,
  }
}
