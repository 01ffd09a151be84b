import type { Remark } from '../../../events.ts'
import { type Difference, remarkOfDifference } from './difference.ts'
import type { Fingerprint, TableFingerprint } from './fingerprint.ts'
import type { InventoryResult } from './inventory.ts'
import { undumpedStatements } from './statement-beginnings.ts'

const SUMMARIES = [
  ['statements', 'statements'],
  ['sequences', 'sequences'],
  ['largeObjects', 'large objects'],
] as const

/**
 * The first fact: whether an archive's content, fingerprinted while it was read, is what its manifest says was dumped.
 * Everything has to be equal, the order of rows and columns too, for it is the same text. Empty when it is.
 */
export function compareFingerprints(manifest: Fingerprint, read: Fingerprint): readonly Difference[] {
  const summaries = SUMMARIES.flatMap(([field, what]): readonly Difference[] => {
    const [expected, found] = [manifest[field], read[field]]
    if (expected.count === found.count && expected.sha256 === found.sha256) return []
    return [{ what, expected: expected.count, found: found.count }]
  })
  return [...compareBlocks(manifest.tables, read.tables), ...summaries]
}

/** The same of an archive's whole inventory, for people: what its statements are has names, where the manifest knows so much. */
export function changesSince(manifest: Fingerprint, { fingerprint, statements }: InventoryResult): readonly Remark[] {
  const differences = compareFingerprints(manifest, fingerprint)
  const { beginnings } = manifest.statements
  const isNamed = beginnings !== undefined && differences.some(({ what }) => what === 'statements')
  return [...differences.map(remarkOfDifference), ...(isNamed ? undumpedStatements(beginnings, statements) : [])]
}

/** Block by block in the dump's order; after one that is missing the rest is still compared with its own. */
function compareBlocks(
  manifest: readonly TableFingerprint[],
  read: readonly TableFingerprint[],
): readonly Difference[] {
  const found = new Map<string, TableFingerprint[]>()
  for (const block of read) found.set(block.name, [...(found.get(block.name) ?? []), block])
  const differences = manifest.flatMap(block => compareBlock(block, found.get(block.name)?.shift()))
  const extra = [...found.values()]
    .flat()
    .map((block): Difference => tableDifference(block.name, 'unexpected', null, block))
  return [...differences, ...extra]
}

function compareBlock(expected: TableFingerprint, found: TableFingerprint | undefined): readonly Difference[] {
  const name = expected.name
  if (found === undefined) return [tableDifference(name, 'missing', expected, null)]
  if (expected.rows !== found.rows) return [tableDifference(name, 'rows', expected, found)]
  if (expected.columns.join('\n') !== found.columns.join('\n'))
    return [tableDifference(name, 'columns', expected, found)]
  return expected.sha256 === found.sha256 ? [] : [tableDifference(name, 'data', expected, found)]
}

type TableProblem = Extract<Difference, { what: 'table' }>['problem']

function tableDifference(
  name: string,
  problem: TableProblem,
  ...[expected, found]: readonly [TableFingerprint | null, TableFingerprint | null]
): Difference {
  return { what: 'table', name, problem, expectedRows: expected?.rows ?? null, foundRows: found?.rows ?? null }
}
