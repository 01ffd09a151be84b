import type { ArchiveSource, Remark } from '../../../events.ts'
import type { Memory } from '../../../system/memory.ts'
import { remarkText } from '../../../terminal/remark-text.ts'
import type { PostgresManifest } from '../content.ts'
import { memoryRemark } from '../fingerprint/memory-remark.ts'
import { tooLongRow } from '../fingerprint/row-memory.ts'
import type { PlannedRoles } from '../roles/planned-roles.ts'
import type { LiveState } from '../swap/survey.ts'
import { leftoverWarnings } from './leftovers.ts'
import { lackingOn, otherVersions } from './missing-on-server.ts'
import type { TargetState } from './target-state.ts'
import { unprovedInPlace, verdictWarnings } from './unproved-archive.ts'

/** What stands in the way of a restore, and what a person should know before one. Full sentences, no secrets. */
export interface Preflight {
  readonly blocks: readonly Remark[]
  readonly warnings: readonly Remark[]
}

export interface PreflightInput {
  readonly state: TargetState
  readonly manifest: PostgresManifest | null
  /** Where the archive is read. */
  readonly from: ArchiveSource
  /** Who is to own the database. */
  readonly owner: string
  readonly inPlace: boolean
  /** In place of the live database may go what was never proved. */
  readonly unproved: boolean
  /** Whether the load may go past errors, so that what the server lacks does not stand in the way. */
  readonly ignoreErrors: boolean
  readonly withSuperuserObjects: boolean
  readonly roles: Pick<PlannedRoles, 'made'>
  /** What this program and its pg_dump may have; null where nobody knows. */
  readonly memory: Memory | null
}

/** Looks at everything that is known before anything is changed. */
export function preflightOf(input: PreflightInput): Preflight {
  const { live } = input.state.survey
  const lacking = [...lackingOn(input.state, input.manifest), ...memoryLacking(input)]
  return {
    blocks: [
      ...lockBlocks(input),
      ...standbyBlocks(input),
      ...rightsBlocks(input),
      ...(live === null ? [] : [...unprovedInPlace(input).blocks, ...liveBlocks(live, input)]),
      ...(input.ignoreErrors ? [] : lacking),
    ],
    warnings: [
      ...(input.ignoreErrors ? lacking : []),
      ...superuserWarnings(input),
      ...otherVersions(input.state, input.manifest),
      ...archiveWarnings(input),
      ...(live === null ? [] : unprovedInPlace(input).warnings),
      ...versionWarnings(input),
      ...roleWarnings(input),
      ...(live === null ? [] : liveWarnings(live)),
      ...leftoverWarnings(input.state.survey),
    ],
  }
}

function superuserWarnings({ state, withSuperuserObjects }: PreflightInput): Remark[] {
  const { name, isSuperuser } = state.survey.admin
  if (!withSuperuserObjects || !isSuperuser) return []
  const text = `objects that only a superuser can make are made as ${name}: while it is loaded, code of the archive may do whatever ${name} may on that server`
  return [remark('superuser objects', null, text)]
}

function lockBlocks({ state }: PreflightInput): Remark[] {
  const { lockedBy } = state.survey
  return lockedBy === null ? [] : [remark('lock', null, `${lockedBy} restores into it at this moment`)]
}

/** What was loaded is dumped to be compared, and a process without memory is killed. */
function memoryLacking({ manifest, memory }: PreflightInput): Remark[] {
  const found = tooLongRow(manifest?.fingerprint.tables ?? [], 'pg_dump', memory?.bytes ?? null)
  return found === null || memory === null ? [] : [namedRemark(memoryRemark(found, memory))]
}

/** In this list a text stands for itself. */
function namedRemark(found: Remark): Remark {
  return { ...found, text: remarkText(found) }
}

function standbyBlocks({ state }: PreflightInput): Remark[] {
  if (!state.server.isInRecovery) return []
  return [remark('standby', null, 'the server is a standby, which takes no changes: name the primary instead')]
}

function rightsBlocks({ state, owner }: PreflightInput): Remark[] {
  const { admin, live, memberOf, roles } = state.survey
  const missing = [...new Set([owner, ...(live === null ? [] : [live.owner])])].filter(
    role => roles.has(role) && !memberOf.has(role),
  )
  return [
    ...(admin.canCreateDatabases
      ? []
      : [rights(admin.name, `${admin.name} may not create databases: ALTER ROLE … CREATEDB, or name a superuser`)]),
    ...missing.map(role =>
      rights(role, `${admin.name} is no member of ${role}, who owns the database: GRANT it, or name a superuser`),
    ),
  ]
}

function rights(name: string, text: string): Remark {
  return remark('rights', name, text, '42501')
}

function liveBlocks(live: LiveState, { state, inPlace }: PreflightInput): Remark[] {
  const fixed = live.sessions.filter(session => !session.canBeEnded)
  const enabled = live.subscriptions.filter(subscription => subscription.enabled)
  return [
    ...fixed.map(session =>
      remark(
        'session',
        session.user,
        `${state.survey.admin.name} may not end ${session.count} sessions of ${session.user ?? 'the server itself'}: end them, or name a superuser`,
      ),
    ),
    ...(live.preparedTransactions === 0
      ? []
      : [
          remark(
            'prepared transaction',
            null,
            `${live.preparedTransactions} prepared transactions: COMMIT PREPARED or ROLLBACK PREPARED them first (pg_prepared_xacts)`,
          ),
        ]),
    ...live.logicalSlots.map(slot =>
      remark(
        'replication slot',
        slot,
        `logical replication slot ${slot} would stay with the old database and keep its WAL: drop it first (pg_drop_replication_slot), make it again afterwards`,
      ),
    ),
    ...enabled.map(({ name }) =>
      remark(
        'subscription',
        name,
        `subscription ${name} would go on writing into the old database: ALTER SUBSCRIPTION … DISABLE it first`,
      ),
    ),
    ...(inPlace ? live.subscriptions : []).map(({ name }) =>
      remark('subscription', name, `PostgreSQL drops no database with a subscription: DROP SUBSCRIPTION ${name} first`),
    ),
  ]
}

function liveWarnings(live: LiveState): Remark[] {
  return live.subscriptions
    .filter(subscription => !subscription.enabled)
    .map(({ name }) => remark('subscription', name, `subscription ${name} stays with the old database`))
}

function archiveWarnings({ manifest, from }: PreflightInput): Remark[] {
  if (manifest === null) {
    const text =
      'the archive has no manifest: nothing says what should come back, and who made it is not known; it is checked that its tables can be read'
    return [remark('no manifest', null, text)]
  }
  const omitted = manifest.omitted.map(({ kind, name, sqlstate, text }) => ({ kind, name, sqlstate, text }))
  return [...omitted, ...verdictWarnings(manifest, from)]
}

function versionWarnings({ manifest, state }: PreflightInput): Remark[] {
  if (manifest === null) return []
  const from = Number.parseInt(manifest.server.version, 10)
  const to = state.server.major
  if (from === to || Number.isNaN(from)) return []
  const older = 'the server is older than the one of the archive, and may refuse what it does not know'
  const newer = 'the server is newer than the one of the archive; what it has given up would be refused'
  return [remark('version', null, `from PostgreSQL ${from} to ${to}: ${from > to ? older : newer}`)]
}

function roleWarnings({ state, owner, roles: planned }: PreflightInput): Remark[] {
  const { admin, live, roles } = state.survey
  const isThere = roles.has(owner) || planned.made.some(role => role.name === owner)
  const instead = live?.owner ?? admin.name
  return [
    ...(admin.isSuperuser
      ? []
      : [
          remark(
            'rights',
            admin.name,
            `${admin.name} is no superuser: what only a superuser may make (untrusted extensions, event triggers, casts, rights of other roles) makes the restore fail; nothing is swapped then`,
          ),
        ]),
    ...(isThere
      ? []
      : [
          remark(
            'role',
            owner,
            `neither server nor archive has role ${owner}, who owns the database: ${instead} owns it`,
          ),
        ]),
  ]
}

function remark(kind: string, name: string | null, text: string, sqlstate: string | null = null): Remark {
  return { kind, name, sqlstate, text }
}
