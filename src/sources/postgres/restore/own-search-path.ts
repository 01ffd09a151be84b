import type { PostgresManifest } from '../content.ts'
import { splitNames } from '../database/setting-value.ts'

const USER = '$user'

/**
 * The schemas in which sessions of an archive's database looked for names without one: by what its owner has set in it, else
 * by the database's own setting, else by PostgreSQL's. `"$user"` is the owner. Without what every session looks into first
 * anyway, as behind others it would mean something else than it does in the text of a dump.
 */
export function ownSearchPath(manifest: PostgresManifest | null): readonly string[] {
  const { owner = null, settings = [] } = manifest?.database ?? {}
  const set = settings.filter(({ name }) => name.toLowerCase() === 'search_path')
  const value = (set.find(({ role }) => role !== null && role === owner) ?? set.find(({ role }) => role === null))
    ?.value
  const names = value === undefined ? [USER, 'public'] : splitNames(value)
  return names
    .flatMap(name => (name === USER ? (owner ?? []) : [name]))
    .filter(name => name !== '' && !name.startsWith('pg_'))
}
