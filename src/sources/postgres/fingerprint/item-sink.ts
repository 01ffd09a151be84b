import type { DigestSummary } from './digest-list.ts'

/** Where the digests of one sort of item go. Items come one after the other: `begin` before its item's `add`. */
export interface ItemSink {
  /** An item's first bytes, valid during the call: as many of a statement as were asked for, the OID of a large object. */
  begin?(head: Buffer): void
  add(digest: Buffer): void
  summary(): DigestSummary
}

/** One sink for each sort of item that is no COPY block. */
export type ItemSinks<T extends ItemSink = ItemSink> = Readonly<Record<'statements' | 'sequences' | 'largeObjects', T>>

/** The digests of the three sinks, as a fingerprint holds them. */
export function summaryOf(items: ItemSinks): Record<keyof ItemSinks, DigestSummary> {
  return {
    statements: items.statements.summary(),
    sequences: items.sequences.summary(),
    largeObjects: items.largeObjects.summary(),
  }
}
