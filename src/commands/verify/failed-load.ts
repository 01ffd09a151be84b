import { targetName } from '../../config/database-target.ts'
import { OperatorError } from '../../errors.ts'
import type { Remark } from '../../events.ts'
import { compareFingerprints } from '../../proof/compare-fingerprints.ts'
import { remarkOf as remarkOfDifference } from '../../proof/difference.ts'
import { Fingerprinter } from '../../proof/fingerprint.ts'
import { NOTHING_KNOWN, remarkOf } from './outcome.ts'
import { findObstaclesInDump } from './proof-obstacles.ts'
import type { Found, Proof, Unloadable } from './prove-on-scratch.ts'
import type { ScratchDatabase } from './scratch-database.ts'

/** What a load that stopped says of the archive. */
export type FailedLoad = Pick<Found, 'facts' | 'changes' | 'loadErrors'>

/**
 * Tells an archive that does not load from a scratch server that could not load it: of the first, what is wrong with it,
 * and whether it still is what was dumped; of the second, what it lacks, or it throws the error again.
 */
export async function judgeFailedLoad(
  proof: Proof & { readonly database: ScratchDatabase },
  error: unknown,
  signal: AbortSignal,
): Promise<FailedLoad | Unloadable> {
  signal.throwIfAborted()
  if (!(error instanceof OperatorError)) throw error
  if (error.kind === 'server' && error.sqlstate !== undefined) {
    const obstacles = await findObstaclesInDump(proof.scratch, proof.content, signal)
    if (obstacles.length > 0) return { obstacles: [...obstacles, withoutPlace(error, proof.database)] }
  }
  if (isNoFaultOfTheArchive(error)) throw error
  if (error.kind === 'rights' && (await changesOfContent(proof, signal)).length === 0)
    return { obstacles: [withoutPlace(error, proof.database)] }
  if (error.kind === 'incomplete') {
    const facts = { ...NOTHING_KNOWN, isWhatWasDumped: 'broken', loads: 'broken' } as const
    return { facts, changes: [remarkOf(error)], loadErrors: [] }
  }
  const changes = await changesOfContent(proof, signal)
  const known = changes.length === 0 ? 'held' : 'broken'
  const isWhatWasDumped = proof.manifest === null ? 'unknown' : known
  return {
    facts: { ...NOTHING_KNOWN, isWhatWasDumped, loads: 'broken' },
    changes,
    loadErrors: [withoutPlace(error, proof.database)],
  }
}

/** The name of a scratch database says nothing to anybody. */
function withoutPlace(error: OperatorError, { admin }: ScratchDatabase): Remark {
  const remark = remarkOf(error)
  return { ...remark, kind: 'statement', text: remark.text.replace(`${targetName(admin)}: `, '') }
}

/**
 * SQLSTATE classes of PostgreSQL's appendix A: 08 connection exceptions, 0A features that this build lacks, 40 deadlocks, 53 too few
 * resources, 57 operator intervention, 58 errors of the system such as a library that is not installed.
 */
const ENVIRONMENT = /^(08|0A|40|53|57|58)/

function isNoFaultOfTheArchive({ kind, sqlstate }: OperatorError): boolean {
  if (kind === 'incomplete' || (kind === 'rights' && sqlstate === '42501')) return false
  return kind !== 'server' || ENVIRONMENT.test(sqlstate ?? '')
}

/** The load read the archive up to its first error only, so that it has to be read again. */
async function changesOfContent(proof: Proof, signal: AbortSignal): Promise<readonly Remark[]> {
  const { manifest, content, expected } = proof
  if (manifest === null) return []
  const fingerprinter = new Fingerprinter(expected)
  try {
    for await (const chunk of content.dump(signal)) fingerprinter.write(chunk)
  } catch (error) {
    signal.throwIfAborted()
    return [remarkOf(error)]
  }
  return compareFingerprints(manifest.fingerprint, fingerprinter.end().fingerprint).map(remarkOfDifference)
}
