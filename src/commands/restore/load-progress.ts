import { formatBytes, formatDuration } from '../../terminal/format.ts'
import type { Context } from '../context.ts'

/** Redrawing more often only flickers. */
const REDRAW_MS = 200

export interface LoadProgress extends Disposable {
  show(what: string, bytes: number): void
}

/** One live line while an archive is loaded and compared; does nothing where there is no terminal. */
export function loadProgress(
  { screen, clock }: Pick<Context, 'screen' | 'clock'>,
  totalBytes: number | null,
): LoadProgress {
  const startedMs = clock.monotonicMs()
  let drawnAt = Number.NEGATIVE_INFINITY
  return {
    show(what, bytes) {
      if (!screen.isTerminal || clock.monotonicMs() - drawnAt < REDRAW_MS) return
      drawnAt = clock.monotonicMs()
      const share = totalBytes === null || totalBytes === 0 ? '' : ` of ${formatBytes(totalBytes)}`
      screen.live([`  ...      ${what}, ${formatBytes(bytes)}${share}, ${formatDuration(drawnAt - startedMs)}`])
    },
    [Symbol.dispose]: () => screen.live([]),
  }
}
