import type { Verdict } from '../events.ts'

/** A verdict in the words that every channel uses. */
export function verdictText(verdict: Verdict): string {
  switch (verdict) {
    case 'proved':
      return 'proved'
    case 'failed':
      return 'FAILED'
    case 'could-not-verify':
      return 'could not verify'
  }
}
