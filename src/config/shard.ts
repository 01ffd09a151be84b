import { createHash } from 'node:crypto'
import type { Problem } from './problem.ts'
import type { ReadSettings, SettingValues } from './setting-values.ts'
import type { SettingName } from './settings-table.ts'

/** The part of all databases that this process works on, when several share them. */
export interface Shard {
  /** From 0 to `count - 1`. */
  readonly index: number
  /** At least 2: one shard alone is no shard. */
  readonly count: number
}

/** The settings that decide, the index that wins first. */
const INDEX_FROM = ['SHARD_INDEX', 'JOB_COMPLETION_INDEX'] as const satisfies readonly SettingName[]

/**
 * The shard that SHARD_COUNT and SHARD_INDEX (else the index that Kubernetes gives the pods of an Indexed Job) ask for;
 * null for all databases. What is not certain means all of them, with a problem: twice backed up is better than never.
 */
export function readShard({ values, invalid }: Pick<ReadSettings, 'values' | 'invalid'>): {
  readonly shard: Shard | null
  readonly problems: readonly Problem[]
} {
  const from = INDEX_FROM.find(name => values[name] !== null || invalid.has(name))
  // Whatever cannot be read is a problem already.
  if (invalid.has('SHARD_COUNT') || (from !== undefined && invalid.has(from))) return { shard: null, problems: [] }
  const count = values.SHARD_COUNT ?? 1
  const index = indexOf(values, from)
  if (index === null) return count === 1 ? ALL : all('SHARD_INDEX', `not set; expected a number below ${count}`)
  if (index >= count)
    return all(from ?? 'SHARD_INDEX', `${index} with SHARD_COUNT=${count}; expected a number below it`)
  return count === 1 ? ALL : { shard: { index, count }, problems: [] }
}

/**
 * Whether a database belongs to the shard. Its stem alone decides: the other lines of `backup.conf` and their order do
 * not, so that adding or removing one moves no other database.
 */
export function isInShard(stem: string, shard: Shard | null): boolean {
  if (shard === null) return true
  return createHash('sha256').update(stem).digest().readUInt32BE(0) % shard.count === shard.index
}

const ALL = { shard: null, problems: [] } as const

function indexOf(values: SettingValues, from: (typeof INDEX_FROM)[number] | undefined): number | null {
  return from === undefined ? null : values[from]
}

function all(place: string, text: string): ReturnType<typeof readShard> {
  return { shard: null, problems: [{ severity: 'problem', place, text, hint: 'until then every database is taken' }] }
}
