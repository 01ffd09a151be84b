import type { AlarmFinding, ContentAlarm } from '../events.ts'
import { formatBytes, formatPercentage } from './format.ts'

/** So many losses are named; `backup --changes` and the manifest have all. */
const MOST_NAMED = 3

/** What an alarm says, in one sentence. */
export function alarmText({ findings, more }: Pick<ContentAlarm, 'findings' | 'more'>): string {
  const others = more + Math.max(0, findings.length - MOST_NAMED)
  const named = findings.slice(0, MOST_NAMED).map(findingText)
  return [...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ')
}

function findingText({ kind, table, before, now }: AlarmFinding): string {
  switch (kind) {
    case 'gone':
      return `${table} is gone, with ${rows(before)}`
    case 'emptied':
      return `${table} is empty, of ${rows(before)}`
    case 'shrank':
      return `${table} has ${rows(now)} of ${before}`
    case 'rows':
      return `${lost(before, now)} of all rows are gone (${now} of ${before} are left)`
    case 'size':
      return `the dump is ${lost(before, now)} smaller (${formatBytes(now)} of ${formatBytes(before)})`
  }
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`
}

function lost(before: number, now: number): string {
  return formatPercentage(before === 0 ? 0 : 1 - now / before)
}
