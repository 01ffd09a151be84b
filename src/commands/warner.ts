import { failureOf, failureText, logLinesOf } from '../errors.ts'
import type { Context } from './context.ts'

/** Tells of something that the work goes on in spite of; what `error` says beside it is for the log. */
export type Warner = (text: string, error?: unknown) => void

/** Tells the log, and the screen unless stdout belongs to a JSON document. Each text once; one for a run. */
export function createWarner({ log, screen }: Pick<Context, 'log' | 'screen'>, json: boolean): Warner {
  const told = new Set<string>()
  return (text, error) => {
    if (told.has(text)) return
    told.add(text)
    log.warn('warning', { text, ...(error === undefined ? {} : { lines: logLinesOf(error) }) })
    if (!json) screen.print(`warning    ${text}`)
  }
}

/** What is said when something could not be written down: the work itself is what it was. */
export function notRecorded(what: string, error: unknown): string {
  return `not recorded: ${what}: ${failureText(failureOf(error))}`
}
