import type { Remark } from '../../../events.ts'
import type { FailedLoad, Unloadable } from './failed-load.ts'

/** What a proof found that a server of another major may be the reason of. */
interface Found extends FailedLoad {
  readonly differences: readonly Remark[]
  readonly unclear: readonly Remark[]
}

/**
 * A server of another major stands in for the source's where that is not installed. It has other functions, rights and
 * extensions, so that what it refuses or writes otherwise says nothing about an archive that is what was dumped: that
 * could not be verified. Rows, sequence values and large objects are the same on every major.
 */
export function asOfStandIn<T extends Found>(
  found: T | Unloadable,
  { source, standIn }: { readonly source: number; readonly standIn: number },
): T | Unloadable {
  if (source === standIn || 'obstacles' in found || found.facts.isWhatWasDumped === 'broken') return found
  const why = standInRemark(source, standIn)
  if (found.loadErrors.length > 0)
    return {
      obstacles: [...found.loadErrors, why],
      facts: { ...found.facts, loads: 'unknown', comesBack: 'unknown' },
    }
  const statements = found.differences.filter(({ kind }) => kind === 'statement')
  if (statements.length === 0) return found
  const differences = found.differences.filter(({ kind }) => kind !== 'statement')
  const comesBack = differences.length === 0 ? 'unknown' : 'broken'
  const unclear = [...statements, why, ...found.unclear]
  return { ...found, differences, unclear, facts: { ...found.facts, comesBack } }
}

function standInRemark(source: number, standIn: number): Remark {
  const text = `the archive is of PostgreSQL ${source}, and was loaded into ${standIn}, which may be why; install postgresql-${source}`
  return { kind: 'server', name: null, sqlstate: null, text }
}
