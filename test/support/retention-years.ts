import { folderOf, tierOf } from '../../src/catalog/naming/archive-folder.ts'
import type { RetentionArchive } from '../../src/catalog/retention/kept-group.ts'
import { decideRetention } from '../../src/catalog/retention/retention.ts'
import type { KeepRules } from '../../src/config/keep-rule.ts'
import { localTime } from '../../src/system/time-zone.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const START = Date.parse('2026-11-20T09:00:00Z')
const DAYS = 1461
const STEM = 'wallet-db-tob'

/** First day and length. */
const OUTAGES = [
  [400, 10],
  [800, 40],
] as const

export interface Years {
  readonly keep: KeepRules
  readonly runsADay: 1 | 6 | 24
  /** Of the pods, which take turns. */
  readonly zones?: readonly string[]
  /** How far the clock is ahead on a day. */
  clockAheadMs?(day: number): number
}

/** The state after one run, its pruning included. */
export interface AfterRun {
  readonly day: number
  readonly isFirstAfterOutage: boolean
  readonly now: Date
  readonly fresh: RetentionArchive
  /** Newest first. */
  readonly kept: readonly RetentionArchive[]
  readonly removed: readonly RetentionArchive[]
}

/** Backs up over four years with outages of 10 and of 40 days, and prunes after each run, as the program does. */
export function* fourYears({
  keep,
  runsADay,
  zones = ['America/Vancouver'],
  clockAheadMs,
}: Years): Generator<AfterRun> {
  let archives: readonly RetentionArchive[] = []
  let wasOut = false
  for (let run = 0; run < DAYS * runsADay; run += 1) {
    const day = Math.floor(run / runsADay)
    const isOut = OUTAGES.some(([first, days]) => day >= first && day < first + days)
    if (!isOut) {
      const realMs = START + day * DAY_MS + (run % runsADay) * (DAY_MS / runsADay)
      const now = new Date(realMs + (clockAheadMs?.(day) ?? 0))
      const fresh = archiveOf(now, { keep, zone: zones[run % zones.length] ?? 'UTC', run })
      const after = pruned([fresh, ...archives], { keep, now, fresh })
      archives = after.kept
      yield { day, isFirstAfterOutage: wasOut, now, fresh, ...after }
    }
    wasOut = isOut
  }
}

function archiveOf(
  takenAt: Date,
  { keep, zone, run }: { readonly keep: KeepRules; readonly zone: string; readonly run: number },
): RetentionArchive {
  const time = localTime(takenAt, zone)
  const tier = tierOf(time, keep)
  const folder = folderOf(tier, time)
  const hour = `${String(time.hour).padStart(2, '0')}:${String(time.minute).padStart(2, '0')}`
  return {
    ...{ path: `${folder}/${hour}-${run}`, stem: STEM, tier, day: folder.slice(-'YYYY-MM-DD'.length), takenAt },
    ...{ goodness: 'good', proved: false, failed: false, protectedUntil: null },
  }
}

function pruned(
  archives: readonly RetentionArchive[],
  { keep, now, fresh }: { readonly keep: KeepRules; readonly now: Date; readonly fresh: RetentionArchive },
): Pick<AfterRun, 'kept' | 'removed'> {
  const result = decideRetention({
    stem: STEM,
    archives,
    keep,
    strategy: 'rolling',
    now,
    fresh: fresh.path,
    heldBefore: null,
  })
  if (result.kind === 'unknown') throw new Error('all of them are known to be good')
  const by = (action: string) => result.decisions.filter(each => each.action === action).map(each => each.archive)
  return { kept: by('keep'), removed: by('remove') }
}
