import { identifyStatement, STATEMENT_IDENTITY_BYTES, type StatementIdentity } from '../sql/statement-identity.ts'
import { Fingerprinter, type FingerprintResult } from './fingerprint.ts'
import { ItemList } from './item-list.ts'
import { type ItemSinks, summaryOf } from './item-sink.ts'
import { createKnownItems, type KnownItems } from './known-items.ts'

/** What a dump holds, item by item, so that two of them can be compared and the difference be named. */
export interface InventoryResult extends FingerprintResult, ItemSinks<ItemList> {
  /** For the inventory of a dump that is to be compared with this one. */
  readonly known: KnownItems
}

/**
 * Takes the inventory of a dump while it passes by: its fingerprint, and what each statement, sequence value and large
 * object is. The backup itself needs the Fingerprinter only, which does less work.
 */
export class DumpInventory {
  readonly #known: KnownItems
  readonly #items: ItemSinks<ItemList>
  readonly #fingerprinter: Fingerprinter

  /** `known`: those of another inventory, which this one is to be compared with; both then need little more memory than one. */
  constructor(options: { readonly clientEncoding: string; readonly known?: KnownItems }) {
    this.#known = options.known ?? createKnownItems()
    this.#items = {
      statements: new ItemList(this.#known.statements, identifyStatement),
      sequences: new ItemList(this.#known.sequences, identifyStatement),
      largeObjects: new ItemList(this.#known.largeObjects, largeObject),
    }
    this.#fingerprinter = new Fingerprinter({ ...options, items: this.#items, headBytes: STATEMENT_IDENTITY_BYTES })
  }

  /** The dump's next bytes, cut anywhere. Throws what DumpScanner.write throws. */
  write(chunk: Buffer): void {
    this.#fingerprinter.write(chunk)
  }

  /** The dump is over; may be called once. */
  end(): InventoryResult {
    return { ...this.#fingerprinter.end(), ...this.#items, known: this.#known }
  }
}

function largeObject(oid: Buffer): StatementIdentity {
  return { kind: 'BLOB DATA', identity: oid.toString('latin1') }
}

/**
 * The inventory of a dump that was made in two runs of pg_dump, `--section=data` and `--section=pre-data
 * --section=post-data`: together they hold exactly what one run of all sections holds. (`--schema-only` in place of the
 * latter lacks large objects and REFRESH MATERIALIZED VIEW.)
 */
export function mergeInventories(one: InventoryResult, other: InventoryResult): InventoryResult {
  const items: ItemSinks<ItemList> = {
    statements: one.statements.concat(other.statements),
    sequences: one.sequences.concat(other.sequences),
    largeObjects: one.largeObjects.concat(other.largeObjects),
  }
  const tables = [...one.fingerprint.tables, ...other.fingerprint.tables]
  const fingerprint = { ...one.fingerprint, ...summaryOf(items), tables }
  return { fingerprint, complete: one.complete && other.complete, ...items, known: one.known }
}
