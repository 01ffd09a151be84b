import type { FailureKind } from '../../../errors.ts'
import { kindOfSqlstate, messageShapes } from './message-shapes.ts'

/** A message of a server or tool as it may leave the pod: names of objects stay, anything that might be data is `…`. */
export interface ServerMessage {
  readonly kind: FailureKind
  readonly text: string
  readonly sqlstate: string | null
  readonly object: string | null
  readonly hint: string | null
}

/** Something that a dump does not hold. `name` is null when it is not known which object it is. */
export interface Omitted {
  readonly kind: string
  readonly name: string | null
  readonly sqlstate: string | null
  readonly text: string
}

/** What pg_dump or pg_dumpall wrote to stderr. */
export interface ToolReport {
  /** The first error, where there is one: the server's own words rather than the tool's frame around them. */
  readonly failure: ServerMessage | null
  readonly omitted: readonly Omitted[]
  readonly notes: readonly string[]
}

/**
 * What one message means. A message that is not known to quote only names of objects loses everything between its
 * first and last quotation mark and all figures. `sqlstate` decides before the words do: a server may speak any language.
 */
export function explainMessage(message: string, sqlstate: string | null = null): ServerMessage {
  const text = bareText(message)
  for (const shape of messageShapes) {
    const match = shape.pattern.exec(text)
    if (match === null) continue
    return {
      kind: (sqlstate === null ? null : kindOfSqlstate(sqlstate)) ?? shape.kind,
      text,
      sqlstate: sqlstate ?? shape.sqlstate,
      object: match.groups?.object ?? null,
      hint: shape.hint ?? null,
    }
  }
  const kind = sqlstate === null ? null : kindOfSqlstate(sqlstate)
  const safe = sqlstate === RAISED_BY_FUNCTION ? 'a function of the database raised an error' : blanked(text)
  return { kind: kind ?? 'server', text: safe, sqlstate, object: null, hint: null }
}

/**
 * What the lines of stderr say, oldest first. Only lines that begin a message are read: a continuation, and a DETAIL,
 * HINT, CONTEXT, STATEMENT or query line, may quote rows.
 */
export function readToolMessages(lines: readonly string[]): ToolReport {
  const records = lines.flatMap(recordOf)
  const errors = records.filter(record => record.level === 'error').map(record => explainMessage(record.text))
  const warnings = records.filter(record => record.level === 'warning')
  return {
    failure: firstReason(errors) ?? errors.at(-1) ?? null,
    omitted: warnings.flatMap(({ text }) => omissionOf(bareText(text))),
    notes: warnings.filter(({ text }) => omissionOf(bareText(text)).length === 0).map(noteOf),
  }
}

/** A bare "could not connect" is a reason only where no other line says more. */
function firstReason(errors: readonly ServerMessage[]): ServerMessage | undefined {
  const known = errors.filter(error => error.object !== null || error.kind !== 'server')
  return known.find(({ text }) => !NO_CONNECTION.test(text)) ?? known[0]
}

/** What pg_dumpall says of the database that it is given, since it keeps the reason to itself. */
export const NO_CONNECTION = /^could not connect to database ".*"$/s

/** The whole text was written by whoever wrote the function. */
const RAISED_BY_FUNCTION = 'P0001'

interface StderrRecord {
  readonly level: 'error' | 'warning'
  readonly text: string
  /** Rather than from the tool itself. */
  readonly fromServer: boolean
}

const SEVERITY =
  /^(?:query failed: |Error message from server: |error returned by [A-Za-z]+: )*(ERROR|FATAL|PANIC|WARNING): {1,2}/

function recordOf(line: string): StderrRecord[] {
  const tool = /^[\w./-]*pg_dump(?:all)?(?:-\d+)?: (error|fatal|warning|detail|hint|info)?:? ?(.*)$/s.exec(line)
  const text = tool?.[2] ?? line
  const level = tool?.[1]
  if (level === 'warning') return [{ level, text, fromServer: SEVERITY.test(text) }]
  if (level === 'error' || level === 'fatal') return [{ level: 'error', text, fromServer: false }]
  // From 14 on the server's message about a failed COPY stands in a detail line; the statement does too, and is not for us.
  if (text.startsWith('Error message from server: ') || /^connection to server .* failed: /.test(text))
    return [{ level: 'error', text, fromServer: true }]
  const severity = SEVERITY.exec(text)?.[1]
  if (severity === undefined) return []
  return [{ level: severity === 'WARNING' ? 'warning' : 'error', text, fromServer: true }]
}

/** The message without the frames that tools and libpq put before it. */
function bareText(message: string): string {
  return (
    message
      .replace(/^connection to server (?:at|on socket) .*?failed: /s, '')
      // Up to 13.
      .replace(/^(?:connection to database ".*?" failed|could not connect to database ".*?"): (?=.)/s, '')
      .replace(/^(?:query failed|Error message from server): /, '')
      .replace(SEVERITY, '')
      .replace(/\n.*$/s, '')
      .trim()
  )
}

function blanked(text: string): string {
  return text
    .replace(/".*"/s, '"…"')
    .replace(/'.*'/s, "'…'")
    .replace(/«.*»|„.*[“”]|“.*”/s, '"…"')
    .replace(/\S*\d\S*/g, '…')
}

const omissions: readonly { readonly pattern: RegExp; readonly kind: string }[] = [
  { pattern: /^subscriptions not dumped because current user is not a superuser$/, kind: 'subscription' },
  {
    pattern: /^(aggregate) function (?<name>.+) could not be dumped correctly for this database version; ignored$/s,
    kind: 'aggregate',
  },
  { pattern: /^don't know how to dump .*$/s, kind: 'object' },
]

function omissionOf(text: string): Omitted[] {
  for (const { pattern, kind } of omissions) {
    const match = pattern.exec(text)
    if (match === null) continue
    const sqlstate = kind === 'subscription' ? '42501' : null
    return [{ kind, name: match.groups?.name ?? null, sqlstate, text: kind === 'object' ? blanked(text) : text }]
  }
  return []
}

const namedWarning =
  /^(database|owner of [a-z ]+) "[^"]+" (has a collation version mismatch|appears to be invalid)$|^there are circular foreign-key constraints .*:$/

/** The tool's own warnings are fixed sentences; the server's can be words that a function of the database chose. */
function noteOf({ text, fromServer }: StderrRecord): string {
  const words = bareText(text)
  if (namedWarning.test(words)) return `pg_dump warned: ${words}`
  return fromServer
    ? "the server warned while it was dumped; its words stand in this pod's log"
    : `pg_dump warned: ${blanked(words)}`
}

/** What the catalog told and what pg_dump warned about, each once: a warning without a name says nothing new beside named ones. */
export function mergeOmitted(fromCatalog: readonly Omitted[], fromDump: readonly Omitted[]): readonly Omitted[] {
  const isNew = (item: Omitted): boolean =>
    !fromCatalog.some(known => known.kind === item.kind && (item.name === null || item.name === known.name))
  const unique = new Map(fromDump.filter(isNew).map(item => [`${item.kind}\n${item.name ?? ''}\n${item.text}`, item]))
  return [...fromCatalog, ...unique.values()]
}
