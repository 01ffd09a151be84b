import type { Manifest } from '../catalog/manifest.ts'

/** What is wrong with what a manifest says of its archive's content, by its kind; null where it can be used. */
export async function contentProblem(manifest: Manifest): Promise<string | null> {
  const { kind = 'postgres' } = manifest
  switch (kind) {
    case 'postgres':
      return (await import('./postgres/content.ts')).postgresContentProblem(manifest)
  }
}
