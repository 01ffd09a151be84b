import { createHash } from 'node:crypto'
import type { AlarmFinding, ContentAlarm } from '../../events.ts'
import type { CountedTable } from '../../sources/counted-table.ts'
import { compareSnapshots } from '../changes/compare-snapshots.ts'

/** What one archive holds, as far as an alarm needs it. */
export interface HeldContent {
  /** Its file name. */
  readonly archive: string
  readonly tables: readonly CountedTable[]
  /** Of the dump, uncompressed. */
  readonly rawBytes: number
}

/** Which losses of an archive are an alarm. */
export interface AlarmLimits {
  /** The share of all rows, from 0 to 1; null: none is. */
  readonly rows: number | null
  /** The share of the dump's size. */
  readonly size: number | null
  /** Tables that may lose what they hold. */
  readonly except: ReadonlySet<string>
}

/** Of fewer rows before, half of a table, or a third of all tables, may be a handful. */
const FEW_ROWS = 1_000
/** A dump below that says little by its size. */
const SMALL_DUMP = 1_000_000
/** A table that keeps less of its rows has lost them. */
const KEPT_SHARE = 0.5
const MOST_FINDINGS = 100

/**
 * What an archive lacks of what an earlier one has: tables that are gone or empty, that have fewer than half of a
 * thousand rows or more, and a loss of all rows or of the dump's size. Partitions count as the table that they are of. A
 * table that another name has with the same columns and rows was renamed, and is not missing.
 */
export function lossesBetween(before: HeldContent, now: HeldContent, limits: AlarmLimits): readonly AlarmFinding[] {
  const rooted = withRootsOf(now, before)
  const [earlier, later] = [wholeTables(rooted, limits), wholeTables(now, limits)]
  const changes = compareSnapshots(snapshotOf(before, earlier), snapshotOf(now, later))
  const tables = changes.flatMap(({ kind, table, before: had, rows }): AlarmFinding[] => {
    if (had === null || had === 0) return []
    if (kind === 'gone' || kind === 'emptied') return [{ kind, table, before: had, now: 0 }]
    const hasLost = kind === 'shrank' && had >= FEW_ROWS && (rows ?? 0) < had * KEPT_SHARE
    return hasLost ? [{ kind, table, before: had, now: rows ?? 0 }] : []
  })
  const dropped = rowsOfDropped(rooted, now, limits)
  // What may go without an alarm makes the dump smaller, too, by nobody knows how much.
  const sizeSays = limits.except.size === 0 && dropped === 0
  return [
    ...tables.toSorted((one, other) => other.before - other.now - (one.before - one.now)),
    ...totals('rows', { before: rowsOf(earlier) - dropped, now: rowsOf(later), share: limits.rows, few: FEW_ROWS }),
    ...totals('size', {
      before: before.rawBytes,
      now: now.rawBytes,
      share: sizeSays ? limits.size : null,
      few: SMALL_DUMP,
    }),
  ]
}

/** The alarm that an archive has for such losses; null for none. One that stands goes on, under its id. */
export function alarmOf(
  losses: readonly AlarmFinding[],
  given: {
    readonly standing: ContentAlarm | null
    readonly against: string
    /** When this archive was begun, ISO 8601 with offset. */
    readonly startedAt: string
    /** For an alarm that is new. */
    readonly id: string
  },
): ContentAlarm | null {
  if (losses.length === 0) return null
  const { standing, against, startedAt } = given
  return {
    id: standing?.id ?? given.id,
    since: standing?.since ?? startedAt,
    against,
    findings: losses.slice(0, MOST_FINDINGS),
    more: Math.max(0, losses.length - MOST_FINDINGS),
  }
}

/** Whether an alarm says what the one that stood before it did not: then it is told again. */
export function isNewAlarm(alarm: ContentAlarm, standing: ContentAlarm | null): boolean {
  const known = new Set(standing?.findings.map(keyOf))
  return alarm.findings.some(finding => !known.has(keyOf(finding)))
}

function keyOf({ kind, table }: AlarmFinding): string {
  // A table that shrank, was emptied, and is gone is three steps of one loss, each worse.
  return JSON.stringify([kind, table])
}

interface Total {
  readonly before: number
  readonly now: number
  readonly share: number | null
  /** Fewer than that before say nothing. */
  readonly few: number
}

function totals(kind: 'rows' | 'size', { before, now, share, few }: Total): readonly AlarmFinding[] {
  if (share === null || before < few || before - now < before * share) return []
  return [{ kind, table: null, before, now }]
}

/**
 * Manifests of earlier versions say of no table that it is a partition: then one is what it is in the later archive, and
 * one that is gone is of the table whose partitions have its columns.
 */
function withRootsOf(now: HeldContent, before: HeldContent): HeldContent {
  if (before.tables.some(({ root }) => root !== null)) return before
  const partitions = now.tables.filter(({ root }) => root !== null)
  const byName = new Map(now.tables.map(({ name, root }) => [name, root]))
  const byColumns = new Map(partitions.map(({ columns, root }) => [JSON.stringify(columns), root]))
  const rootOf = ({ name, columns }: CountedTable): string | null => {
    const root = byName.get(name)
    return root === undefined ? (byColumns.get(JSON.stringify(columns)) ?? null) : root
  }
  return { ...before, tables: before.tables.map(table => ({ ...table, root: rootOf(table) })) }
}

/** Of the partitions that are gone, while their table has others. */
function rowsOfDropped(before: HeldContent, now: HeldContent, { except }: AlarmLimits): number {
  const left = new Set(now.tables.map(({ name }) => name))
  const roots = new Set(now.tables.flatMap(({ root }) => (root === null || except.has(root) ? [] : root)))
  const dropped = before.tables.filter(({ name, root }) => root !== null && roots.has(root) && !left.has(name))
  return dropped.reduce((sum, { rows }) => sum + rows, 0)
}

/** By name, without those that may lose what they hold; partitions together, as one table. */
function wholeTables({ tables }: HeldContent, { except }: AlarmLimits): ReadonlyMap<string, CountedTable> {
  const groups = Map.groupBy(tables, ({ name, root }) => root ?? name)
  const whole = [...groups].filter(([name]) => !except.has(name)).map(([name, parts]) => oneTable(name, parts))
  return new Map(whole.map(table => [table.name, table]))
}

function oneTable(name: string, parts: readonly CountedTable[]): CountedTable {
  const [first] = parts
  if (first !== undefined && parts.length === 1) return { ...first, name, root: null }
  const digest = createHash('sha256')
  for (const part of parts.map(each => each.digest).toSorted()) digest.update(part)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  return { name, columns: first?.columns ?? [], rows, digest: digest.digest('hex'), root: null }
}

function snapshotOf({ archive }: HeldContent, tables: ReadonlyMap<string, CountedTable>) {
  return { archive, takenAt: new Date(0), tables }
}

function rowsOf(tables: ReadonlyMap<string, CountedTable>): number {
  return [...tables.values()].reduce((sum, { rows }) => sum + rows, 0)
}
