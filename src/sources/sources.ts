import type { Manifest } from '../catalog/manifest.ts'

/**
 * What is wrong with what a manifest says of its archive's content, by its kind; null where it can be used. A kind that
 * this version does not know is a manifest that can't be.
 */
export async function contentProblem(manifest: Manifest): Promise<string | null> {
  const { kind = 'postgres' } = manifest
  if (kind === 'postgres') return (await import('./postgres/content.ts')).postgresContentProblem(manifest)
  return `kind of source ${JSON.stringify(kind.slice(0, 100))}; expected one that this version knows: postgres`
}
