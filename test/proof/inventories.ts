import { DumpInventory, type InventoryResult } from '../../src/proof/inventory.ts'
import { chunksOf } from '../sql/record-dump.ts'

/** The inventory of a dump's text, read in chunks of these sizes. */
export function inventoryOf(dump: string | Buffer, sizes: readonly number[] = [65_536]): InventoryResult {
  const inventory = new DumpInventory({ clientEncoding: 'UTF8' })
  for (const chunk of chunksOf(Buffer.from(dump), sizes)) {
    inventory.write(chunk)
    // Whoever reads may use the same memory again.
    chunk.fill(0x27)
  }
  return inventory.end()
}
