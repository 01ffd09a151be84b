import { createHash } from 'node:crypto'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import type { SecondLook } from '../fingerprint/compare-tables.ts'
import type { Difference } from '../fingerprint/difference.ts'
import { type CopyOutSession, openCopyOut } from './copy-out.ts'
import type { LoadedDatabase } from './dump-back.ts'
import type { SortOptions } from './row-sorter.ts'
import { sortRows, sortTables } from './sorted-rows.ts'

export interface SecondLooks {
  readonly differences: readonly Difference[]
  readonly notes: readonly string[]
}

/** The two sides of a comparison. */
export interface BothSides {
  /** The archive itself, for the tables that have to be read again. */
  readonly content: ArchiveContent
  readonly loaded: LoadedDatabase
  /** Where rows are sorted that do not fit into the memory. */
  readonly sortFolder: string
}

/**
 * Looks again at tables whose bytes differ: first the loaded rows in the archive's order of columns, then, for those that
 * differ still, the rows of both sides as multisets. Each table is read from the database once or twice, the archive once
 * for all of them.
 */
export async function lookAgain(
  looks: readonly SecondLook[],
  input: BothSides,
  signal: AbortSignal,
): Promise<SecondLooks> {
  if (looks.length === 0) return { differences: [], notes: [] }
  const { loaded } = input
  await using session = await openCopyOut(loaded.target, loaded, signal)
  const unequal: SecondLook[] = []
  for (const look of looks) if (!(await isSameInOrder(look, session))) unequal.push(look)
  const moved = await orderOnly(unequal, { ...input, session }, signal)
  const different = unequal.filter(look => !moved.has(look))
  return {
    differences: different.map(({ table, rows }) => dataDifference(table, rows)),
    notes: [
      ...notesFor(
        looks.filter(look => !unequal.includes(look)),
        'has its columns in another order',
      ),
      ...notesFor([...moved], 'has its rows in another order'),
    ],
  }
}

/** Only an other order of columns is worth this reading: of the same columns the bytes are known to differ. */
async function isSameInOrder(look: SecondLook, session: CopyOutSession): Promise<boolean> {
  if (look.how === 'sort' || look.sha256 === null) return false
  const hash = createHash('sha256')
  for await (const rows of session.rows(look.table, look.columns)) hash.update(rows)
  return hash.digest('hex') === look.sha256
}

interface Sorting extends BothSides {
  readonly session: CopyOutSession
}

/** Those whose rows are the same on both sides, whatever their order. */
async function orderOnly(
  looks: readonly SecondLook[],
  { content, loaded, sortFolder, session }: Sorting,
  signal: AbortSignal,
): Promise<ReadonlySet<SecondLook>> {
  if (looks.length === 0) return new Set()
  const options: SortOptions = { env: loaded.env, folder: sortFolder }
  const wanted = new Map(looks.map(look => [look.table, look.rows]))
  const expected = await sortTables(content.dump(signal), { ...options, wanted }, signal)
  const same = new Set<SecondLook>()
  for (const look of looks) {
    const found = await sortRows(session.rows(look.table, look.columns), options, signal)
    if (found === expected.get(look.table)) same.add(look)
  }
  return same
}

function dataDifference(name: string, rows: number): Difference {
  return { what: 'table', name, problem: 'data', expectedRows: rows, foundRows: rows }
}

const NAMED = 5

function notesFor(looks: readonly SecondLook[], what: string): readonly string[] {
  if (looks.length === 0) return []
  const names = looks.slice(0, NAMED).map(look => look.table)
  const more = looks.length > NAMED ? ` and ${looks.length - NAMED} more` : ''
  return [`${names.join(', ')}${more} ${what} after loading, which a restore may: the rows are the same`]
}
