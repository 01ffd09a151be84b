import type { Remark } from '../../../events.ts'
import type { StatementIdentity } from '../sql/statement-identity.ts'
import type { DigestList } from './digest-list.ts'
import type { ItemList } from './item-list.ts'

const BYTES = 4
/** For more statements a manifest would grow by more than 100 kB. */
const MOST_STATEMENTS = 20_000
/** More of them tell nobody more; how many there are is said. */
const MOST_NAMED = 10

/**
 * The first four bytes of each statement's digest, sorted, as base64: enough to find the statements of an archive that were
 * not dumped so. Null where there are none, or too many.
 */
export function beginningsOf(digests: DigestList): string | null {
  if (digests.count === 0 || digests.count > MOST_STATEMENTS) return null
  const sorted = Uint32Array.from({ length: digests.count }, (_, index) => digests.beginning(index)).sort()
  const bytes = Buffer.alloc(sorted.length * BYTES)
  for (const [index, beginning] of sorted.entries()) bytes.writeUInt32BE(beginning, index * BYTES)
  return bytes.toString('base64')
}

/** Names the statements that are not among those that were dumped. One that was dumped and is gone has no name here. */
export function undumpedStatements(beginnings: string, statements: ItemList): readonly Remark[] {
  const dumped = countsIn(Buffer.from(beginnings, 'base64'))
  const found: StatementIdentity[] = []
  for (const { kind, identity, sha256 } of statements) {
    const beginning = Number.parseInt(sha256.slice(0, 2 * BYTES), 16)
    const left = dumped.get(beginning) ?? 0
    if (left === 0) found.push({ kind, identity })
    else dumped.set(beginning, left - 1)
  }
  const named = found.slice(0, MOST_NAMED).map(({ kind, identity }) => remark(`${kind} ${identity}`.trim(), UNDUMPED))
  const more = found.length - named.length
  return more === 0 ? named : [...named, remark(null, `${more} more statements were not dumped so`)]
}

const UNDUMPED = 'it was not dumped so: it is another one, or was added'

function countsIn(bytes: Buffer): Map<number, number> {
  const counts = new Map<number, number>()
  for (let at = 0; at + BYTES <= bytes.length; at += BYTES) {
    const beginning = bytes.readUInt32BE(at)
    counts.set(beginning, (counts.get(beginning) ?? 0) + 1)
  }
  return counts
}

function remark(name: string | null, text: string): Remark {
  return { kind: 'statement', name, sqlstate: null, text }
}
