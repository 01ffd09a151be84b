import { DumpInventory, type InventoryResult } from '../../../../src/sources/postgres/fingerprint/inventory.ts'
import type { KnownItems } from '../../../../src/sources/postgres/fingerprint/known-items.ts'
import { chunksOf } from '../sql/record-dump.ts'

/** The inventory of a dump's text, read in chunks of these sizes; `known`: those of another inventory. */
export function inventoryOf(
  dump: string | Buffer,
  sizes: readonly number[] = [65_536],
  known?: KnownItems,
): InventoryResult {
  const inventory = new DumpInventory({ clientEncoding: 'UTF8', ...(known === undefined ? {} : { known }) })
  for (const chunk of chunksOf(Buffer.from(dump), sizes)) {
    inventory.write(chunk)
    // Whoever reads may use the same memory again.
    chunk.fill(0x27)
  }
  return inventory.end()
}
