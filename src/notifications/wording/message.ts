import { cutLines } from './cut-lines.ts'

/** INFO, WARN and ERROR are the words of the bash tool, which scripts of chat servers compare with. */
export type Level = 'INFO' | 'WARN' | 'ERROR'

/** The worst of several; INFO where there is none. */
export function worst(levels: readonly Level[]): Level {
  return levels.includes('ERROR') ? 'ERROR' : levels.includes('WARN') ? 'WARN' : 'INFO'
}

/**
 * A piece of a line. A plain text is ours and holds nothing that a chat server would take for markup; `value` is anything
 * else, such as a name or a reason, and each channel makes it harmless in its own way.
 */
export type Span = string | { readonly value: string }

export type Line = readonly Span[]

/** What is said, before any channel has put it into its own form. */
export interface Message {
  readonly level: Level
  readonly title: Line
  /** What matters most stands first; the last line sums up, and is kept when the middle is cut. */
  readonly lines: readonly Line[]
}

/** A value of unknown content for a line: one line itself, and no longer than `longest` characters. */
export function shown(value: string, longest = 160): Span {
  return { value: clip(oneLine(value), longest) }
}

/** A reason, a hint or a problem, which may be longer than a name. */
export function shownReason(text: string): Span {
  return shown(text, 500)
}

/** Line breaks, control and direction characters would tear a message apart, or turn it round. */
function oneLine(text: string): string {
  const flat = text
    .toWellFormed()
    .replace(/[\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/\p{C}/gu, '?')
    .trim()
  return flat === '' ? '(empty)' : flat
}

/** Keeps the beginning and the end. Half of a character that is cut becomes a replacement character. */
function clip(text: string, longest: number): string {
  if (text.length <= longest) return text
  const tail = Math.floor((longest - 1) / 3)
  return `${text.slice(0, longest - 1 - tail)}…${text.slice(-tail)}`.toWellFormed()
}

/** The line with each value as `show` writes it. */
export function lineText(line: Line, show: (value: string) => string): string {
  return line.map(span => (typeof span === 'string' ? span : show(span.value))).join('')
}

/** Title and lines for machines and mails, which know no markup. */
export function plainText(message: Message, longest: number): string {
  return cutLines([plainLine(message.title), ...message.lines.map(plainLine)], longest)
}

export function plainLine(line: Line): string {
  return lineText(line, value => value)
}
