import type { Remark } from '../../../events.ts'
import type { Memory } from '../../../system/memory.ts'
import { formatBytes } from '../../../terminal/format.ts'
import type { TooLongRow } from './row-memory.ts'

/** A row that needs more memory than there is, for a person: what it needs, and what to do. */
export function memoryRemark({ table, rowBytes, neededBytes }: TooLongRow, memory: Memory): Remark {
  const row = `its longest row has ${formatBytes(rowBytes)}`
  const text = `needs about ${formatBytes(neededBytes)} of memory, since ${row}; ${formatBytes(memory.bytes)} is ${memory.of}: give the container more`
  return { kind: 'memory', name: table, sqlstate: null, text }
}
