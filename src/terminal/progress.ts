import type { BackupEvent } from '../events.ts'
import type { Clock } from '../system/clock.ts'
import { formatBytes, formatDuration } from './format.ts'
import type { Screen } from './screen.ts'

/** Redrawing more often only flickers. */
const REDRAW_MS = 200

type Progress = Extract<BackupEvent, { type: 'database-progress' }>
type CopyProgress = Extract<BackupEvent, { type: 'copy-progress' }>

/** Keeps one live line for each dump and each copy that is under way; does nothing where there is no terminal. */
export function createProgress(screen: Screen, clock: Clock): { show(event: BackupEvent): void } {
  const running = new Map<string, Progress | null>()
  // Each destination takes one file at a time.
  const copies = new Map<string, CopyProgress>()
  let drawnAt = Number.NEGATIVE_INFINITY
  const draw = (): void => {
    drawnAt = clock.monotonicMs()
    const dumps = [...running].map(([database, progress]) => progressLine(database, progress))
    screen.live([...dumps, ...[...copies.values()].map(copyLine)])
  }
  return {
    show(event) {
      if (!screen.isTerminal) return
      if (event.type === 'database-started') running.set(event.database, null)
      else if (event.type === 'database-finished') running.delete(event.outcome.database)
      else if (event.type === 'database-progress') running.set(event.database, event)
      else if (event.type === 'copy-progress') copies.set(event.destination, event)
      else if (event.type === 'copy-finished') copies.delete(event.outcome.destination)
      else return
      const isProgress = event.type === 'database-progress' || event.type === 'copy-progress'
      if (!isProgress || clock.monotonicMs() - drawnAt >= REDRAW_MS) draw()
    },
  }
}

function progressLine(database: string, progress: Progress | null): string {
  if (progress === null) return `  ...      ${database}: connecting`
  const { rawBytes, previousRawBytes, seconds } = progress
  const rate = seconds > 0 ? `, ${formatBytes(rawBytes / seconds)}/s` : ''
  const part =
    previousRawBytes === null || previousRawBytes === 0
      ? ''
      : `, ${Math.round((100 * rawBytes) / previousRawBytes)} % of the last size`
  return `  ...      ${database}: ${formatBytes(rawBytes)}${rate}${part}, ${formatDuration(seconds * 1000)}`
}

function copyLine({ database, destination, bytes, totalBytes, seconds }: CopyProgress): string {
  const rate = seconds > 0 ? `, ${formatBytes(bytes / seconds)}/s` : ''
  const part = totalBytes === 0 ? '' : `, ${Math.round((100 * bytes) / totalBytes)} %`
  return `  ...      ${database} to ${destination}: ${formatBytes(bytes)}${rate}${part}, ${formatDuration(seconds * 1000)}`
}
