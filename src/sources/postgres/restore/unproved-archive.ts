import { standingVerdict } from '../../../catalog/manifest-head.ts'
import type { ArchiveSource, Remark } from '../../../events.ts'
import { remarkText } from '../../../terminal/remark-text.ts'
import { verdictText } from '../../../terminal/verdict-text.ts'
import type { PostgresManifest } from '../content.ts'

/** What a person should know of an archive that is not proved: its verdict, and the first reason for it. */
export function verdictWarnings({ verifications }: PostgresManifest, from: ArchiveSource): readonly Remark[] {
  const standing = standingVerdict(verifications, from)
  if (standing === null) return [remark('the archive was never verified')]
  if (standing.verdict === 'proved') return []
  const [first] = standing.reasons
  const reason = first === undefined ? '' : `: ${remarkText(first)}`
  return [remark(`its verdict of ${standing.at} is ${verdictText(standing.verdict)}${reason}`)]
}

interface InPlace {
  /** Null without one. */
  readonly manifest: PostgresManifest | null
  readonly from: ArchiveSource
  readonly inPlace: boolean
  /** A person has said that it may be. */
  readonly unproved: boolean
}

/**
 * In place the live database is gone before anybody knows whether the archive loads: one that is not proved stands in the
 * way there, or with `unproved` is warned of.
 */
export function unprovedInPlace({ manifest, from, inPlace, unproved }: InPlace): {
  readonly blocks: readonly Remark[]
  readonly warnings: readonly Remark[]
} {
  const standing = standingVerdict(manifest?.verifications ?? [], from)
  if (!inPlace || standing?.verdict === 'proved') return { blocks: [], warnings: [] }
  const what = standing?.verdict === 'failed' ? 'the proof of this archive FAILED' : 'this archive was never proved'
  const danger = `${what}, and in place the live database is dropped before it is loaded`
  if (unproved) return { blocks: [], warnings: [remark(danger)] }
  return { blocks: [remark(`${danger}: ${wayOut(standing?.verdict === 'failed')}`)], warnings: [] }
}

function wayOut(hasFailed: boolean): string {
  const first = hasFailed ? 'name another one by -f' : 'prove it first by backup -v'
  return `${first}, leave out --in-place, or add --unproved`
}

function remark(text: string): Remark {
  return { kind: 'verdict', name: null, sqlstate: null, text }
}
