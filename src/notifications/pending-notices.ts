import { logLinesOf } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Outbox } from './edge/outbox.ts'
import type { Notice } from './notice.ts'

export interface PendingLimits {
  /** Older notices are dropped: nobody should be told of last week. */
  readonly longestAgeMs: number
  /** More than these are never kept; the oldest are dropped first. */
  readonly mostNotices: number
  /** A file on the volume that is younger may still be in the hands of the run that wrote it. */
  readonly adoptAfterMs: number
}

export interface PendingNotice {
  readonly notice: Notice
  readonly since: Date
  /** Its file on the volume; null while it is in memory only. */
  readonly name: string | null
}

/** What one channel has still to tell, in its order, in memory and on the volume. */
export interface PendingNotices {
  readonly size: number
  all(): readonly PendingNotice[]
  add(notice: Notice): void
  /** Takes over what earlier runs left on the volume. */
  adopt(): Promise<void>
  /** Puts on the volume what is not there yet, but for pings: a late one would lie. */
  store(): Promise<void>
  /** Takes out what is too old or too much. Resolves with it, and why. */
  dropOld(): Promise<readonly { readonly notice: Notice; readonly detail: string }[]>
  /** The oldest that no other run has told in the meantime; null when there is none. */
  first(): Promise<PendingNotice | null>
  remove(pending: PendingNotice): Promise<void>
}

export interface PendingParts {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly log: Log
  readonly limits: PendingLimits
}

/** An empty list before `adopt`. Trouble with the volume is logged and keeps nobody from being told. */
export function createPendingNotices({ outbox, clock, log, limits }: PendingParts): PendingNotices {
  let list: readonly PendingNotice[] = []
  const ageOf = (since: Date): number => clock.now().getTime() - since.getTime()
  const tolerate = async <Result>(work: Promise<Result>, otherwise: Result): Promise<Result> => {
    try {
      return await work
    } catch (error) {
      log.warn('outbox-not-usable', { lines: logLinesOf(error) })
      return otherwise
    }
  }
  const remove = async (pending: PendingNotice): Promise<void> => {
    list = list.filter(each => each.notice !== pending.notice)
    if (pending.name !== null) await tolerate(outbox.remove(pending.name), undefined)
  }
  return {
    get size() {
      return list.length
    },
    all: () => list,
    add(notice) {
      list = [...list, { notice, since: clock.now(), name: null }]
    },
    async adopt() {
      const found = await tolerate(outbox.list(), [])
      const known = new Set(list.map(each => each.name))
      const left = found.filter(({ name, since }) => {
        return !known.has(name) && (ageOf(since) >= limits.adoptAfterMs || ageOf(since) < 0)
      })
      list = [...left, ...list]
    },
    async store() {
      for (const { notice, since, name } of list) {
        if (name !== null || notice.kind === 'ping') continue
        const stored = await tolerate<string | null>(outbox.store(notice, since), null)
        list = list.map(each => (each.notice === notice ? { ...each, name: stored } : each))
      }
    },
    async dropOld() {
      const surplus = new Set(list.slice(0, Math.max(0, list.length - limits.mostNotices)))
      const old = list.filter(each => surplus.has(each) || ageOf(each.since) > limits.longestAgeMs)
      for (const each of old) await remove(each)
      return old.map(each => {
        const detail = surplus.has(each) ? `more than ${limits.mostNotices} waited` : 'it waited too long'
        return { notice: each.notice, detail }
      })
    },
    async first() {
      for (;;) {
        const [oldest] = list
        if (oldest === undefined) return null
        if (oldest.name === null || (await tolerate(outbox.has(oldest.name), true))) return oldest
        list = list.filter(each => each !== oldest)
      }
    },
    remove,
  }
}
