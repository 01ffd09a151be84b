import { type ReadSourceOptions, readSourceOptions } from './source-options.ts'

/** Where one database is, as `backup.conf` or the environment names it. `host` is without the brackets of IPv6. */
export interface DatabaseSpec {
  readonly host: string
  readonly port: number
  readonly database: string
}

/** A parsed spec with its options, or what is wrong with it, without a secret. */
export type SpecResult =
  | ({ readonly spec: DatabaseSpec } & ReadSourceOptions)
  | { readonly fault: string; readonly hint?: string }

const SPEC_SHAPE = '[postgres=]host[:port]/database'
const SPEC_PARTS = /^(?:\[(?<v6>[^\]]*)\]|(?<host>[^/:\s"]*))(?::(?<port>[^/\s"]*))?\/(?<rest>.*)$/s
/** PostgreSQL's NAMEDATALEN is 64, one byte of it a terminator; it cuts longer names. */
const LONGEST_NAME_BYTES = 63
const DEFAULT_PORT = 5432

/**
 * Reads `host[:port]/database[?options]`, the type already taken off. Faults quote neither the line nor parts of it
 * that were not understood: people paste URLs with passwords.
 */
export function parseDatabaseSpec(text: string): SpecResult {
  if (text.includes('://')) {
    return {
      fault: `a URL; expected ${SPEC_SHAPE}`,
      hint: 'user and password come from <HOST>_USER and <HOST>_PASSWORD',
    }
  }
  const parts = SPEC_PARTS.exec(text)?.groups
  if (parts === undefined) return { fault: `neither a database nor a schedule nor a variable; expected ${SPEC_SHAPE}` }
  const host = parts.v6 ?? parts.host ?? ''
  const hostFault = checkHost(host, parts.v6 !== undefined)
  if (hostFault !== null) return { fault: hostFault }
  const port = parts.port === undefined ? DEFAULT_PORT : parsePort(parts.port)
  if (port === null) return { fault: 'the port is no number from 1 to 65535; expected host:port/database' }
  const name = parseName(parts.rest ?? '')
  if ('fault' in name) return name
  const nameFault = checkDatabaseName(name.database)
  if (nameFault !== null) return { fault: nameFault }
  return { spec: { host, port, database: name.database }, ...readSourceOptions(name.parameters) }
}

/** Whether a text is meant to say where a database is, be it in a wrong way. */
export function looksLikeSpec(text: string): boolean {
  return text.includes('://') || SPEC_PARTS.test(text)
}

/** What is wrong with a host, or null. `inBrackets` says that it must be an IPv6 address. */
export function checkHost(host: string, inBrackets: boolean): string | null {
  if (inBrackets) {
    const known = host.includes(':') && URL.canParse(`http://[${host.replace(/%[A-Za-z0-9._-]+$/, '')}]/`)
    return known ? null : 'the host in brackets is no IPv6 address; expected [address]:port/database'
  }
  if (host === '') return `no host; expected ${SPEC_SHAPE}`
  if (/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u.test(host)) return null
  return 'the host has characters that host names do not have; expected letters, digits, dots and hyphens'
}

/** What is wrong with a database's name, or null. */
export function checkDatabaseName(name: string): string | null {
  const bytes = Buffer.byteLength(name)
  if (bytes === 0) return `no database; expected ${SPEC_SHAPE}`
  if (name.includes('\0')) return 'the name of the database holds a NUL; expected a name that PostgreSQL accepts'
  if (bytes <= LONGEST_NAME_BYTES) return null
  return `the name of the database has ${bytes} bytes; expected at most ${LONGEST_NAME_BYTES}`
}

function parsePort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : null
}

type NameResult = { database: string; parameters: string } | { fault: string; hint?: string }

function parseName(text: string): NameResult {
  return text.startsWith('"') ? parseQuotedName(text) : parsePlainName(text)
}

/** As in SQL: a double quote inside is written twice. */
function parseQuotedName(text: string): NameResult {
  const [, name, parameters] = /^"((?:[^"]|"")*)"(?:\?(\S*))?$/s.exec(text) ?? []
  if (name === undefined) return { fault: 'the quoted name of the database does not end the line; expected "name"' }
  return { database: name.replaceAll('""', '"'), parameters: parameters ?? '' }
}

function parsePlainName(text: string): NameResult {
  const [, name, parameters] = /^([^?\s"/#]*)(?:\?(\S*))?$/.exec(text) ?? []
  const hint = 'put the name in double quotes, or encode it as in URLs; a comment needs a blank before its #'
  if (name === undefined)
    return { fault: 'the name of the database holds a blank, a quote, a slash or a #; expected a plain name', hint }
  try {
    return { database: decodeURIComponent(name), parameters: parameters ?? '' }
  } catch {
    return { fault: 'a % in the name of the database begins no valid encoding; expected %25 for a % itself', hint }
  }
}
