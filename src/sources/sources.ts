import type { Manifest } from '../catalog/manifest.ts'
import type { CountedTable } from './counted-table.ts'
import type { PostgresManifest } from './postgres/content.ts'

/** What is wrong with what a manifest says of its archive's content, by its kind; null where it can be used. */
export async function contentProblem(manifest: Manifest): Promise<string | null> {
  const { kind = 'postgres' } = manifest
  switch (kind) {
    case 'postgres':
      return (await import('./postgres/content.ts')).postgresContentProblem(manifest)
  }
}

/** The tables of an archive by its manifest; a text that says what is wrong with that where it cannot be used. */
export async function countedTables(manifest: Manifest): Promise<readonly CountedTable[] | string> {
  const { kind = 'postgres' } = manifest
  switch (kind) {
    case 'postgres': {
      const { postgresContentProblem, postgresTables } = await import('./postgres/content.ts')
      return postgresContentProblem(manifest) ?? postgresTables(manifest as PostgresManifest)
    }
  }
}
