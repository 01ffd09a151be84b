import { failureText } from '../../errors.ts'
import type { BackupEvent, DestinationOutcome } from '../../events.ts'
import { formatBytes, formatDuration } from '../../terminal/format.ts'

/** Lines about copies for a person. The same reason is given once: a destination that is down fails every archive. */
export function createCopyLines(): {
  finished(event: Extract<BackupEvent, { readonly type: 'copy-finished' }>): string | null
  ended(outcome: DestinationOutcome): string | null
} {
  const said = new Set<string>()
  const once = (text: string): string => {
    if (said.has(text)) return 'as above'
    said.add(text)
    return text
  }
  return {
    finished({ database, archive, bytes, outcome }) {
      const { destination, state, failure, seconds } = outcome
      switch (state) {
        case 'done':
          return `copied     ${database}: ${formatBytes(bytes)} to ${destination} in ${formatDuration(seconds * 1000)} -> ${archive}`
        case 'failed':
          return `NOT COPIED ${database} to ${destination}: ${failure === null ? 'unknown' : once(failureText(failure))}`
        case 'waiting':
          return null
      }
    },
    ended(outcome) {
      const { destination, missing, removed, failure } = outcome
      const parts = [
        missing === 0 ? '' : `${missing} ${missing === 1 ? 'copy is' : 'copies are'} missing; the next run sends them`,
        removed.length === 0 ? '' : `removed ${removed.join(', ')}, as on the volume`,
        failure === null || said.has(failureText(failure)) ? '' : once(failureText(failure)),
      ].filter(part => part !== '')
      return parts.length === 0 ? null : `copies     ${destination}: ${parts.join('; ')}`
    },
  }
}
