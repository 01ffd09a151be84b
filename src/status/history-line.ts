import { type RunReport, withCountFields } from '../events.ts'

/** One line of the history. Times are ISO 8601 with offset. */
export type HistoryLine =
  | {
      readonly type: 'run' /** Key of the schedule that started it. */
      readonly schedule: string | null
      readonly report: RunReport
    }
  /** Without it nobody could tell a run that was missed from one that was never asked for. */
  | { readonly type: 'service-started'; readonly at: string }
  /** A person has taken an alarm for right, or said for good that one table may lose what it holds. */
  | {
      readonly type: 'alarm-accepted'
      readonly at: string
      readonly by: string
      readonly database: string
      readonly alarm: string | null
      readonly table: string | null
    }
  | { readonly type: 'run-missed'; readonly at: string; readonly schedule: string; readonly dueAt: string }

/** The line as it is written, without a line break in it. */
export function historyText(line: HistoryLine): string {
  if (line.type !== 'run' || !('outcomes' in line.report)) return JSON.stringify(line)
  return JSON.stringify({ ...line, report: { ...line.report, outcomes: line.report.outcomes.map(withCountFields) } })
}

/** Reads one line; null for one that is torn, or that a newer version wrote in a way that cannot be used. */
export function readHistoryLine(text: string): HistoryLine | null {
  const json = parse(text)
  if (!isObject(json)) return null
  switch (json.type) {
    case 'run':
      return isReport(json.report) ? (json as unknown as HistoryLine) : null
    case 'alarm-accepted':
      return isInstant(json.at) && typeof json.database === 'string' ? (json as unknown as HistoryLine) : null
    case 'service-started':
      return isInstant(json.at) ? (json as unknown as HistoryLine) : null
    case 'run-missed':
      return isInstant(json.at) && isInstant(json.dueAt) ? (json as unknown as HistoryLine) : null
    default:
      return null
  }
}

function isReport(value: unknown): boolean {
  if (!isObject(value) || !isInstant(value.startedAt) || !isInstant(value.finishedAt)) return false
  switch (value.mode) {
    case 'backup':
    case 'verify':
      return (
        Array.isArray(value.outcomes) &&
        value.outcomes.every(outcome => isObject(outcome) && typeof outcome.database === 'string')
      )
    case 'prune':
      return Array.isArray(value.removed)
    case 'restore':
      return typeof value.database === 'string'
    default:
      return false
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
