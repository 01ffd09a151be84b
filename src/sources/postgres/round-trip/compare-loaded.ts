import type { Remark } from '../../../events.ts'
import { compareLargeObjects, compareSequences } from '../fingerprint/compare-items.ts'
import { compareStatements, judgeReload } from '../fingerprint/compare-statements.ts'
import { compareTables } from '../fingerprint/compare-tables.ts'
import { type Difference, remarkOfDifference } from '../fingerprint/difference.ts'
import { type DumpSize, sizeOfDump } from '../fingerprint/dump-size.ts'
import type { InventoryResult } from '../fingerprint/inventory.ts'
import { objectsOfOtherRights, objectsOfSameRights, withoutRightsOn } from '../fingerprint/same-rights.ts'
import { rightsOfMembers } from './rights-of-members.ts'
import { type BothSides, lookAgain } from './second-look.ts'

export interface ComparisonInput extends BothSides {
  /** What the archive says, taken while it was loaded. */
  readonly archive: InventoryResult
  /** What a dump of the loaded database says. */
  readonly back: InventoryResult
  /** The archive and the dump were written by the same major of pg_dump. */
  readonly sameTool: boolean
  /** False for an archive of the bash tool, which does not say in which session (time zone, format of bytea) it was dumped. */
  readonly sessionKnown: boolean
  /** Loads the statements of the archive, without its data, into one more empty database and dumps that. */
  reload(): Promise<InventoryResult>
}

/** Empty `differences`: what came back is what the archive says. */
export interface Comparison {
  readonly differences: readonly Remark[]
  /** What may be right all the same: rows that are as many and look different, where the session of the dump may be why. */
  readonly unclear: readonly Remark[]
  /** How many statements were spelled differently, and equal after one more load. */
  readonly respelled: number
  /** For people. */
  readonly notes: readonly string[]
  /** How much is there now, whatever the archive holds. */
  readonly cameBack: DumpSize
}

/**
 * The third fact of a proof: a right restore need not be equal byte for byte, so that what differs is looked at once more
 * by the rules of equality. Throws an OperatorError, or the signal's reason.
 */
export async function compareLoaded(input: ComparisonInput, signal: AbortSignal): Promise<Comparison> {
  const { archive, back } = input
  const tables = compareTables(archive.fingerprint.tables, back.fingerprint.tables)
  const again = await lookAgain(tables.secondLooks, input, signal)
  const statements = await statementDifferences(input, signal)
  const differences: readonly Difference[] = [
    ...tables.differences,
    ...(input.sessionKnown ? again.differences : []),
    ...statements.differences,
    ...compareSequences(archive.sequences, back.sequences),
    ...compareLargeObjects(archive.largeObjects, back.largeObjects),
  ]
  const unclear = input.sessionKnown ? [] : again.differences.map(unclearRemark)
  return {
    differences: differences.map(remarkOfDifference),
    unclear,
    respelled: statements.respelled,
    notes: [...again.notes, ...statements.notes],
    cameBack: sizeOfDump(back.fingerprint),
  }
}

function unclearRemark(difference: Difference): Remark {
  const text =
    'its rows are as many, and not written as they are here: the archive does not say in which time zone and formats it was dumped'
  return { ...remarkOfDifference(difference), text }
}

/** Rights on what extensions make are held against those that are there: `psql` too brings them back by other statements. */
async function statementDifferences(
  { archive, back, sameTool, loaded, reload }: ComparisonInput,
  signal: AbortSignal,
): Promise<StatementDifferences> {
  const { statements: wanted } = archive
  const { statements: found } = back
  if (compareStatements(wanted, found, { sameTool }).outcome === 'same')
    return { differences: [], respelled: 0, notes: [] }
  const there = await rightsOfMembers(loaded, objectsOfOtherRights(wanted, found), signal)
  const same = objectsOfSameRights(wanted, found, there)
  const notes = rightsNotes([...same])
  const rest = withoutRightsOn(same, found)
  const verdict = compareStatements(withoutRightsOn(same, wanted), rest, { sameTool })
  switch (verdict.outcome) {
    case 'same':
      return { differences: [], respelled: 0, notes }
    case 'different':
      return { differences: verdict.differences, respelled: 0, notes }
    case 'reload': {
      const reloaded = withoutRightsOn(same, (await reload()).statements)
      return { differences: judgeReload(reloaded, rest), respelled: verdict.respelled, notes }
    }
  }
}

interface StatementDifferences {
  readonly differences: readonly Difference[]
  readonly respelled: number
  readonly notes: readonly string[]
}

const NAMED = 5

function rightsNotes(objects: readonly string[]): readonly string[] {
  if (objects.length === 0) return []
  const more = objects.length > NAMED ? ` and ${objects.length - NAMED} more` : ''
  return [`the rights on ${objects.slice(0, NAMED).join(', ')}${more} ${RIGHTS_NOTE}`]
}

const RIGHTS_NOTE =
  'are the same, by other statements: an extension made it, and pg_dump keeps no owner of that, so that one that was changed has to be given again by hand'
