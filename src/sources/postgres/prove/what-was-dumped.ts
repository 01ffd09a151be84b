import type { Manifest } from '../../../catalog/manifest.ts'
import type { FactState, Remark } from '../../../events.ts'
import { type PostgresManifest, saysWhatWasDumped } from '../content.ts'

/** The first fact of a proof, by what is not as the manifest says. */
export function firstFact(manifest: PostgresManifest | null, changes: readonly Remark[]): FactState {
  if (changes.length > 0) return 'broken'
  return saysWhatWasDumped(manifest) ? 'held' : 'unknown'
}

/** Why the first fact of an adopted archive can't be told; empty for any other one. */
export function adoptedRemarks({ adopted }: Manifest): readonly Remark[] {
  if (adopted === undefined) return []
  const { at } = adopted
  const text = `its manifest was written from the archive itself on ${at.slice(0, 10)}: what was dumped before is not known`
  return [{ kind: 'adopted', name: null, sqlstate: null, text }]
}
