import { textOf } from './text.ts'

/** What a `COPY … FROM stdin;` statement says; names as written, quotes kept. */
export interface CopyHeader {
  /** `schema.name`, or whatever the statement names. */
  readonly table: string
  /** Empty where the statement has no column list: a table without (ordinary) columns. */
  readonly columns: readonly string[]
}

/** White space and comments, or else one token: a name, a quoted name, a single character. */
const TOKEN = /(?:[ \t-\r]+|--[^\n\r]*|\/\*.*?\*\/)|("(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*|.)/gs

/** Reads a whole COPY statement: its header if it takes data from stdin, null for any other form of COPY. */
export function parseCopyHeader(statement: Buffer): CopyHeader | null {
  const tokens = tokensOf(statement)
  const tableEnds = endOfName(tokens, 1)
  const hasColumns = tokens[tableEnds] === '('
  const columnsEnd = hasColumns ? tokens.indexOf(')', tableEnds) : tableEnds
  const [from, stdin] = tokens.slice(hasColumns ? columnsEnd + 1 : columnsEnd).map(token => token.toLowerCase())
  if (tableEnds === 1 || columnsEnd === -1 || from !== 'from' || stdin !== 'stdin') return null
  const columns = tokens.slice(tableEnds + 1, columnsEnd).filter(token => token !== ',')
  return { table: readable(tokens.slice(1, tableEnds).join('')), columns: columns.map(readable) }
}

/** One character per byte, so that the expression works in every encoding; blanks and comments are left out. */
function tokensOf(statement: Buffer): readonly string[] {
  return [...statement.toString('latin1').matchAll(TOKEN)].flatMap(match => match[1] ?? [])
}

/** Where the name `a`, `a.b` or `a.b.c` that begins at `start` ends; `start` itself when none begins there. */
function endOfName(tokens: readonly string[], start: number): number {
  if (!isName(tokens[start])) return start
  let end = start + 1
  while (tokens[end] === '.' && isName(tokens[end + 1])) end += 2
  return end
}

function isName(token: string | undefined): boolean {
  return token !== undefined && (token.length > 1 || /[A-Za-z_\x80-\xff]/.test(token))
}

function readable(latin1: string): string {
  return textOf(Buffer.from(latin1, 'latin1'))
}
