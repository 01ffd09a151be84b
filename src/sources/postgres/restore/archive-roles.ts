import type { Remark } from '../../../events.ts'
import { type Connection, connect } from '../connection/connection.ts'
import { sessionOf } from '../connection/sql-session.ts'
import type { PostgresManifest } from '../content.ts'
import type { GivenFacts } from '../database/database-facts.ts'
import { readDatabasePart } from '../database/read-database-part.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { notRun, readServerStatements } from '../load/server-statements.ts'
import { existingRoles } from '../roles/existing-roles.ts'
import { neededRoles } from '../roles/needed-roles.ts'
import { type PlannedRoles, planRoles } from '../roles/planned-roles.ts'
import { readRolesPart } from '../roles/read-roles-part.ts'
import type { RecordedRoles } from '../roles/recorded-roles.ts'
import { RolesInDump } from '../sql/roles-in-dump.ts'
import { decodingsOf } from '../sql/text-encoding.ts'
import type { RestoreTarget, TargetState } from './target-state.ts'

/** The roles of an archive, as far as the database that is restored needs them. */
export interface ArchiveRoles {
  readonly needed: RecordedRoles
  readonly plan: PlannedRoles
  /** What stands among the roles of the archive and is none. */
  readonly leftOut: readonly Remark[]
}

interface ArchiveRolesInput {
  readonly content: Pick<ArchiveContent, 'roles' | 'dump'>
  readonly manifest: PostgresManifest | null
  readonly target: Pick<RestoreTarget, 'databaseUser'>
  readonly state: Pick<TargetState, 'maintenance' | 'connect' | 'server' | 'live'>
  /** Who is to own the database, as a person says. */
  readonly owner: string | null
  /** Whether new roles get what reaches beyond one database, too. */
  readonly withRights: boolean
}

/**
 * Finds out which roles a restore has to make. Reads the dump, no further than to the last of them, and not at all where the
 * server has all that the archive knows. Throws an OperatorError, or the signal's reason.
 */
export async function findArchiveRoles(input: ArchiveRolesInput, signal: AbortSignal): Promise<ArchiveRoles> {
  const { state, withRights } = input
  await using session = await connect(state.maintenance, state.connect, signal)
  const { recorded, leftOut } = await recordedRoles(input, signal)
  const known = recorded === null ? null : { recorded, missing: await missingOf(recorded, session) }
  const { all, named } = await rolesAndNames(input, known, signal)
  const needed = neededRoles(all, named)
  const existing = await existingRoles(all, sessionOf(session))
  const planned = planRoles(needed, { existing, serverMajor: state.server.major, withRights })
  const others = all.roles.filter(role => !existing.has(role.name) && !needed.roles.includes(role))
  return { needed, leftOut, plan: { ...planned, notNeeded: others.length } }
}

interface Known {
  readonly recorded: RecordedRoles
  /** The names of those that the server lacks. */
  readonly missing: readonly string[]
}

async function missingOf(recorded: RecordedRoles, session: Connection): Promise<readonly string[]> {
  const existing = await existingRoles(recorded, sessionOf(session))
  return recorded.roles.map(role => role.name).filter(name => !existing.has(name))
}

/** `known` is null where the roles stand in the dump itself, if anywhere. */
async function rolesAndNames(
  input: ArchiveRolesInput,
  known: Known | null,
  signal: AbortSignal,
): Promise<{ readonly all: RecordedRoles; readonly named: ReadonlySet<string> }> {
  const dump = new RolesInDump(input.manifest?.fingerprint.session.clientEncoding ?? 'UTF8')
  for (const name of namedBeside(input)) dump.named.add(name)
  const isEnough = (): boolean => known !== null && areNeeded(known, dump.named)
  if (!isEnough()) for await (const chunk of input.content.dump(signal)) if (dump.write(chunk) && isEnough()) break
  if (known !== null) return { all: known.recorded, named: dump.named }
  const { roles, databaseBlocks } = readServerStatements(dump.ofServer)
  const { facts } = readDatabasePart(databaseBlocks, { owner: '', encoding: 'utf8' })
  return { all: readable(roles, dump.encoding), named: new Set([...dump.named, ...namesIn(facts)]) }
}

function areNeeded({ recorded, missing }: Known, named: ReadonlySet<string>): boolean {
  const needed = new Set(neededRoles(recorded, named).roles.map(role => role.name))
  return missing.every(name => needed.has(name))
}

/** Who works in the database, and whom the facts name that it is given. Those of a live database exist. */
function namedBeside({ manifest, target, state, owner: given }: ArchiveRolesInput): readonly string[] {
  const recorded = manifest?.database
  const owner = recorded?.owner ?? given
  return [
    ...(owner === null ? [] : [owner]),
    ...(target.databaseUser === null ? [] : [target.databaseUser]),
    ...(state.live === null && recorded !== undefined ? namesIn(recorded) : []),
  ]
}

function namesIn(facts: Pick<GivenFacts, 'acl' | 'settings'> | null): readonly string[] {
  if (facts === null) return []
  const names = [...facts.settings.map(setting => setting.role), ...facts.acl.map(item => item.grantee)]
  return names.filter(name => name !== null)
}

/** Their texts have one character per byte. */
function readable(roles: RecordedRoles, encoding: string): RecordedRoles {
  const read = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? (decodingsOf(value, encoding)[0] ?? value) : value
  return JSON.parse(JSON.stringify(roles), read) as RecordedRoles
}

/** Those of the manifest; the first version wrote none there, and its text is read instead. Null: they stand in the dump. */
async function recordedRoles(
  { content, manifest }: ArchiveRolesInput,
  signal: AbortSignal,
): Promise<{ readonly recorded: RecordedRoles | null; readonly leftOut: readonly Remark[] }> {
  if (manifest?.roles !== undefined) return { recorded: manifest.roles, leftOut: [] }
  const text = await content.roles(signal)
  if (text === null) return { recorded: null, leftOut: [] }
  const { roles, leftOut, others } = readRolesPart(text)
  return { recorded: roles, leftOut: [...notRun(leftOut), ...othersOf(others)] }
}

function othersOf(others: number): readonly Remark[] {
  if (others === 0) return []
  const text = `the roles part: ${others} backslash commands, COPY blocks or cut statements in it were not run`
  return [{ kind: 'roles part', name: null, sqlstate: null, text }]
}
