import { failureOf, failureText } from '../errors.ts'
import type { Context } from './context.ts'

/** Tells of something that the work goes on in spite of. A text that was told before is not told again. */
export type Warner = (text: string) => void

/** Tells the log, and the screen unless stdout belongs to a JSON document. One for a run. */
export function createWarner({ log, screen }: Pick<Context, 'log' | 'screen'>, json: boolean): Warner {
  const told = new Set<string>()
  return text => {
    if (told.has(text)) return
    told.add(text)
    log.warn('warning', { text })
    if (!json) screen.print(`warning    ${text}`)
  }
}

/** What is said when something could not be written down: the work itself is what it was. */
export function notRecorded(what: string, error: unknown): string {
  return `not recorded: ${what}: ${failureText(failureOf(error))}`
}
