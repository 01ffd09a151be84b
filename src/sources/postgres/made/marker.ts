import { createHash } from 'node:crypto'

/**
 * What a comment says of a database or role that a restore has made: `loading` belongs to its run and to nobody else,
 * `kept` is whole and stays until a person drops it.
 */
export interface Marker {
  readonly state: 'loading' | 'kept'
  /** The database that is restored into. */
  readonly target: string
  /** The side database: the one that is marked, or the one that the role loads into. */
  readonly database: string
  readonly run: string
  /** ISO 8601. */
  readonly at: string
  /** The host, which is the pod, of the program. */
  readonly by: string
}

/** How every such comment begins, in `\l+` and `\du+` too. */
export const MARKER_HEAD = 'backup-container state='

/** The comment up to the OID of what it marks, which is its end: a comment that was copied to something else marks nothing. */
export function markerBeforeOid({ state, target, database, run, at, by }: Marker): string {
  const fields = { target, database, run, at, by }
  const text = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${MARKER_HEAD}${state} ${text.join(' ')} oid=`
}

const WORD = '([^ ]+)'
const MARKER = new RegExp(
  `^${MARKER_HEAD}(loading|kept) target=${WORD} database=${WORD} run=${WORD} at=${WORD} by=${WORD} oid=(\\d+)$`,
)

/** Reads the comment of the thing with this OID; null where it is no marker, or that of something else. */
export function readMarker(comment: string, oid: number): Marker | null {
  const [, state, ...words] = MARKER.exec(comment) ?? []
  const [target, database, run, at, by] = words.slice(0, 5).map(decoded)
  if (target == null || database == null || run == null || at == null || by == null) return null
  if (Number(words[5]) !== oid) return null
  return { state: state === 'kept' ? 'kept' : 'loading', target, database, run, at, by }
}

function decoded(word: string): string | null {
  try {
    const text = decodeURIComponent(word)
    // No server has such a name, or takes it in a question.
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

/** What stands for a target on its server, as two halves of 32 bits. */
export function targetKey(target: string): { readonly high: number; readonly low: number } {
  const digest = createHash('sha256').update(`backup-container restore\0${target}`).digest()
  return { high: digest.readUInt32BE(0), low: digest.readUInt32BE(4) }
}

const BIRTH_LIMITS = { from: 1_500_000_000, count: 500_000_000 }

/**
 * The connection limit with which a side database of this target is born. A comment comes a moment later, so that only
 * this tells a database whose maker was killed in that moment from one that is not ours. No server reaches such a number.
 */
export function birthLimit(target: string): number {
  return BIRTH_LIMITS.from + (targetKey(target).low % BIRTH_LIMITS.count)
}

/** Whether a connection limit is one with which side databases of whatever target are born. */
export function isBirthLimit(limit: number): boolean {
  return limit >= BIRTH_LIMITS.from && limit < BIRTH_LIMITS.from + BIRTH_LIMITS.count
}
