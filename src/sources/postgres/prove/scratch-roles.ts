import { OperatorError } from '../../../errors.ts'
import { connect } from '../connection/connection.ts'
import type { PostgresManifest } from '../content.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { readRolesPart } from '../roles/read-roles-part.ts'
import type { RecordedRoles } from '../roles/recorded-roles.ts'
import type { LoadableDatabase } from '../round-trip/round-trip.ts'
import { makeScratchRoles } from '../scratch/roles.ts'

/**
 * Makes the roles of an archive on the scratch server, those too that only its rights and settings name. Throws
 * OperatorError('incomplete') where its text holds anything but roles: it is for people with psql, and never run here.
 */
export async function createScratchRoles(
  { content, manifest }: { readonly content: ArchiveContent; readonly manifest: PostgresManifest | null },
  database: Pick<LoadableDatabase, 'admin' | 'connect'>,
  signal: AbortSignal,
): Promise<void> {
  if (manifest === null) return
  const text = await content.roles(signal)
  const read = text === null ? null : refuseForeign(text)
  const recorded = manifest.roles ?? read ?? { roles: [], memberships: [], parameterRights: [] }
  await using admin = await connect(database.admin, database.connect, signal)
  await makeScratchRoles(admin, recorded, rolesNamedBy(manifest))
}

function refuseForeign(text: Buffer): RecordedRoles {
  const { roles, leftOut, others } = readRolesPart(text)
  if (leftOut.length === 0 && others === 0) return roles
  throw new OperatorError(
    'incomplete',
    'roles part: it holds a statement that this program does not write; expected it as it was written',
    { hint: 'somebody may have changed the archive: compare its SHA-256 with another copy' },
  )
}

function rolesNamedBy({ database }: PostgresManifest): readonly string[] {
  const names = [
    database.owner,
    ...database.settings.map(setting => setting.role),
    ...database.acl.map(item => item.grantee),
  ]
  return names.filter(name => name !== null)
}
