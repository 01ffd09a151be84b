import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { Remark } from '../../../events.ts'
import { type ConnectOptions, connect } from '../connection/connection.ts'
import { sessionOf } from '../connection/sql-session.ts'
import type { PostgresManifest } from '../content.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { notRun } from '../load/server-statements.ts'
import { giveRoles } from '../roles/give-roles.ts'
import { readRolesPart } from '../roles/read-roles-part.ts'
import type { RecordedRoles } from '../roles/recorded-roles.ts'

interface CreateRolesInput {
  readonly content: Pick<ArchiveContent, 'roles'>
  readonly manifest: PostgresManifest | null
  readonly admin: DatabaseTarget
  readonly connect: ConnectOptions
}

/**
 * Makes the roles of the archive that the server lacks, from data only; existing ones stay as they are, in every way.
 * Returns what was not given. An archive without a manifest says its roles in its text: the load makes them.
 */
export async function createRoles(input: CreateRolesInput, signal: AbortSignal): Promise<readonly Remark[]> {
  const { roles, leftOut } = await recordedRoles(input, signal)
  if (roles === null) return leftOut
  await using admin = await connect(input.admin, input.connect, signal)
  const { notGiven } = await giveRoles(roles, sessionOf(admin))
  return [...leftOut, ...notGiven]
}

/** Those of the manifest; the first version wrote none there, and its text is read instead. */
async function recordedRoles(
  { content, manifest }: CreateRolesInput,
  signal: AbortSignal,
): Promise<{ readonly roles: RecordedRoles | null; readonly leftOut: readonly Remark[] }> {
  if (manifest?.roles !== undefined) return { roles: manifest.roles, leftOut: [] }
  const text = await content.roles(signal)
  if (text === null) return { roles: null, leftOut: [] }
  const { roles, leftOut, others } = readRolesPart(text)
  return { roles, leftOut: [...notRun(leftOut), ...othersOf(others)] }
}

function othersOf(others: number): readonly Remark[] {
  if (others === 0) return []
  return [
    {
      kind: 'roles part',
      name: null,
      sqlstate: null,
      text: `the roles part: ${others} backslash commands, COPY blocks or cut statements in it were not run`,
    },
  ]
}
