import { SOURCE_KINDS } from '../config/source-id.ts'

/** The schema version that this program writes and reads. */
export const MANIFEST_VERSION = 1

/** What is said of a file that is cut, empty, or something else. */
export const NO_JSON_TEXT = 'not a JSON object; expected a manifest'

/** What is said of a manifest of another schema version. */
export function otherVersionText(version: unknown): string {
  const newer = typeof version === 'number' && version > MANIFEST_VERSION
  const by = newer ? ': a newer version of this program wrote it' : ''
  const found = JSON.stringify(version)?.slice(0, 20) ?? 'missing'
  return `schema version ${found}; expected ${MANIFEST_VERSION}${by}`
}

/** What is said of a manifest of a kind of source that this version does not know; null of the others. */
export function kindProblem(kind: unknown): string | null {
  if (kind === undefined || SOURCE_KINDS.some(known => known === kind)) return null
  const found = JSON.stringify(kind).slice(0, 100)
  return `kind of source ${found}; expected one that this version knows: ${SOURCE_KINDS.join(', ')}`
}

/** What is said of a manifest that does not belong to the archive beside which it lies. */
export function otherArchiveText(found: string, archive: string): string {
  return `manifest of another archive, ${JSON.stringify(found.slice(0, 300))}; expected ${archive}`
}

/** What is said where `arePartsWhole` is false. */
export const PARTS_TEXT =
  'its parts do not lie one after the other, or are not all of the archive; expected that they do'

interface Place {
  readonly part?: unknown
  readonly offset?: unknown
  readonly bytes?: unknown
}

/**
 * Whether the parts lie one after the other from the first byte of the archive to its last, each at most once. Otherwise
 * a part of the archive would be read for all of it, or bytes that nobody wrote for a part.
 */
export function arePartsWhole(parts: readonly Place[], storedBytes: number): boolean {
  let end = 0
  for (const { offset, bytes } of parts) {
    if (offset !== end || typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0) return false
    end += bytes
  }
  return end === storedBytes && new Set(parts.map(({ part }) => part)).size === parts.length
}
