import { pino } from 'pino'
import { printable, printableJson } from './printable.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** One event a line. The event is a fixed phrase to search for; what varies stands in the fields. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

export interface LogOptions {
  readonly level: LogLevel
  /** Stands in every line. */
  readonly fields: LogFields
  /** Text for a person instead of JSON. */
  readonly pretty: boolean
  /** Values that no line may hold, whoever wrote them into it. */
  readonly secrets: readonly string[]
  /** Takes a line with its newline. */
  write(line: string): void
}

/** A secret shorter than this would blank ordinary words, and protects nothing. */
const SHORTEST_SECRET = 4
const BLANK = '[secret]'

export function createLog(options: LogOptions): Log {
  const write = lineWriter(options)
  const logger = pino(
    {
      level: options.level,
      base: options.fields,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    { write },
  )
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
  }
}

/** Blanks what stands in the line at the very end, so that no field can bring a secret past it. */
function lineWriter({ secrets, pretty, write }: LogOptions): (line: string) => void {
  const known = secrets.filter(secret => secret.length >= SHORTEST_SECRET)
  const inJson = known.map(secret => JSON.stringify(secret).slice(1, -1))
  // A secret with quotes as it is could only be found in the JSON's own quotes, and break it.
  const blank = blanker(pretty ? [...known, ...inJson] : inJson)
  return line => write(pretty ? `${printable(blank(prettyLine(line)))}\n` : printableJson(blank(line)))
}

/** The longest first, since one may hold another. */
function blanker(words: readonly string[]): (text: string) => string {
  const sorted = words.toSorted((a, b) => b.length - a.length)
  return text => sorted.reduce((blanked, word) => blanked.replaceAll(word, BLANK), text)
}

function prettyLine(line: string): string {
  const { level, time, event, runId: _, ...fields } = JSON.parse(line) as Record<string, unknown>
  const clock = String(time).slice(11, 19)
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [clock, String(level), event, ...rest].join(' ')
}
