import type { Manifest } from '../../catalog/manifest.ts'
import { connect } from '../../postgres/connection.ts'
import { makeScratchRoles } from '../../postgres/scratch/roles.ts'
import type { Proof } from './prove-on-scratch.ts'
import type { ScratchDatabase } from './scratch-database.ts'

/** Makes the roles of an archive on the scratch server, those too that only its rights and settings name. */
export async function createScratchRoles(
  { content, manifest }: Pick<Proof, 'content' | 'manifest'>,
  database: ScratchDatabase,
  signal: AbortSignal,
): Promise<void> {
  if (manifest === null) return
  const text = (await content.roles(signal))?.toString('utf8') ?? null
  await using admin = await connect(database.admin, database.connect, signal)
  await makeScratchRoles(admin, { text, names: rolesNamedBy(manifest), keep: [database.loader.user] })
}

function rolesNamedBy({ database }: Manifest): readonly string[] {
  const names = [
    database.owner,
    ...database.settings.map(setting => setting.role),
    ...database.acl.map(item => item.grantee),
  ]
  return names.filter(name => name !== null)
}
