import { type DatabaseSpec, parseDatabaseSpec } from './database-spec.ts'
import { targetName } from './database-target.ts'
import { lineOptions } from './line-options.ts'
import { matchesName, type NamePattern, readNamePattern } from './name-pattern.ts'
import { type OptionFault, readSourceOptions, type SourceOptions } from './source-options.ts'

/** One server, wherever it is named. */
export type ServerAddress = Pick<DatabaseSpec, 'host' | 'port'>

/** A server of which every database is backed up, those aside whose names one of `except` means. */
export interface WholeServer extends ServerAddress {
  readonly except: readonly NamePattern[]
  /** What the line asks for each of them. */
  readonly options: SourceOptions
}

/** What a line of `backup.conf` asks for that ends with a star. */
export interface ServerLine {
  readonly server: WholeServer
  /** Options that nobody reads. */
  readonly unknownOptions: readonly string[]
  /** What is wrong with the options that are read; the line is used without those. */
  readonly faults: readonly OptionFault[]
}

const SERVER_LINE = /^([^"?]*)\/\*(?:\?(\S*))?$/s

/**
 * Reads `host[:port]/*[?except=PATTERN&…]`, the type already taken off. Null for a text that is not of that form: a
 * database that is called `*` is written in quotes, or `%2A`. A fault quotes nothing of the line.
 */
export function parseServerLine(text: string): ServerLine | { readonly fault: string; readonly hint?: string } | null {
  const [, address, query = ''] = SERVER_LINE.exec(text) ?? []
  if (address === undefined || text.includes('://')) return null
  const read = parseDatabaseSpec(`${address}/any`)
  if ('fault' in read) return read
  const options = lineOptions(query)
  const excepted = options.filter(({ name }) => name === 'except').map(({ value }) => readNamePattern(value))
  const others = options.filter(({ name }) => name !== 'except').map(({ name, value }) => `${name}=${value}`)
  const own = readSourceOptions(others.join('&'))
  const { host, port } = read.spec
  return {
    server: { host, port, except: excepted.filter(pattern => pattern !== null), options: own.options },
    unknownOptions: own.unknown,
    faults: [...(excepted.includes(null) ? [BAD_EXCEPT] : []), ...own.faults],
  }
}

const BAD_EXCEPT: OptionFault = {
  fault:
    'an except= that is empty, all stars or badly encoded; expected the name of a database, with * for any characters',
  hint: 'the line is used without it',
}

/** Whether both are the same server, as far as their names say. */
export function isSameServer(a: ServerAddress, b: ServerAddress): boolean {
  return a.host === b.host && a.port === b.port
}

/** Whether a database of this name is to be backed up, if the server has it. */
export function isCovered(server: WholeServer, spec: DatabaseSpec): boolean {
  return isSameServer(server, spec) && !isExcepted(server, spec.database)
}

/** Whether the line leaves out a database of this name. */
export function isExcepted({ except }: WholeServer, name: string): boolean {
  return except.some(pattern => matchesName(pattern, name))
}

/** `host[:port]/*`, for people. */
export function wholeServerName({ host, port }: ServerAddress): string {
  return targetName({ host, port, database: '*' })
}
