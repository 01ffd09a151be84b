import { quoteIdentifier } from '../sql/quote.ts'
import { readable } from '../sql/token-reader.ts'
import { type LoadError, loadErrorOf } from './load-failure.ts'
import type { LoadOutcome } from './load-outcome.ts'
import type { LoadSession } from './load-session.ts'

/** Names have one character per byte. */
interface Table {
  readonly name: string
  readonly quoted: string
  readonly isPartition: boolean
  readonly hasPartitions: boolean
}

type Refusal = Pick<LoadError, 'identity' | 'sqlstate' | 'text'>

/**
 * Gathers the planner's statistics of every table of the loader's own: ANALYZE calls what indexes, statistics and types
 * name, as the owner of the table, and those of extensions are the admin's. Foreign tables are left alone: it would ask
 * their servers. A table that is refused is named by a note. Rejects only where the connection is lost.
 */
export async function analyzeTables(loader: LoadSession, outcome: Pick<LoadOutcome, 'note'>): Promise<void> {
  await loader.runOne(NAMES_OF_POSTGRES)
  const tables = await readTables(loader)
  const whole = tables.filter(table => !table.isPartition)
  const refused = await analyzeEach(whole, loader)
  // ANALYZE takes the partitions along, and ends at the first that it may not: a foreign one, or one that is refused.
  const isCutShort = whole.some(table => table.hasPartitions && refused.has(table))
  const parts = isCutShort ? tables.filter(table => table.isPartition && !table.hasPartitions) : []
  const all = [...refused.values(), ...(await analyzeEach(parts, loader)).values()]
  if (all.length > 0) outcome.note(noteOf(all))
}

/**
 * ANALYZE takes names, and code that it calls may give a table of the admin the name of the next one: then at least no
 * name in the code of an extension leads to anything of the archive. What ANALYZE calls cannot change it for the next.
 */
const NAMES_OF_POSTGRES = Buffer.from('SET search_path = pg_catalog')

async function analyzeEach(tables: readonly Table[], loader: LoadSession): Promise<ReadonlyMap<Table, Refusal>> {
  const refused = new Map<Table, Refusal>()
  for (const table of tables) {
    const refusal = await analyze(table, loader)
    if (refusal !== null) refused.set(table, refusal)
  }
  return refused
}

async function analyze({ quoted, name }: Table, loader: LoadSession): Promise<Refusal | null> {
  try {
    await loader.runOne(Buffer.from(`ANALYZE ${quoted}`, 'latin1'))
    return null
  } catch (error) {
    const refusal = loadErrorOf({ kind: 'ANALYZE', identity: readable(name) }, error)
    if (refusal === null) throw error
    return refusal
  }
}

/** As bytes, whatever the encoding of the session. */
const TABLES = Buffer.from(`
SELECT pg_catalog.encode(pg_catalog.namesend(n.nspname), 'hex'), pg_catalog.encode(pg_catalog.namesend(c.relname), 'hex'),
       c.relispartition, c.relkind = 'p'
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
WHERE (c.relkind = 'r' OR c.relkind = 'p' OR c.relkind = 'm') AND c.relpersistence <> 't' AND r.rolname = current_user
ORDER BY c.oid`)

async function readTables(loader: LoadSession): Promise<readonly Table[]> {
  return (await loader.run(TABLES)).map(([schema, relation, isPartition, hasPartitions]) => {
    const names = [schema, relation].map(hex => Buffer.from(hex ?? '', 'hex').toString('latin1'))
    return {
      name: names.join('.'),
      quoted: names.map(quoteIdentifier).join('.'),
      isPartition: isPartition === 't',
      hasPartitions: hasPartitions === 't',
    }
  })
}

const NAMED = 5

function noteOf(refused: readonly Refusal[]): Parameters<LoadOutcome['note']>[0] {
  const named = refused
    .slice(0, NAMED)
    .map(({ identity, sqlstate, text }) => `${identity} (${text}, SQLSTATE ${sqlstate})`)
  const more = refused.length > NAMED ? ` and ${refused.length - NAMED} more` : ''
  const text = `the planner has no statistics of ${named.join(', ')}${more}: ANALYZE, as the table's owner, shows why; the rows are all there`
  return { kind: 'ANALYZE', name: null, sqlstate: refused[0]?.sqlstate ?? null, text }
}
