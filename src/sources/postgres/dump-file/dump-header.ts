/** What pg_dump writes at the beginning of a dump. */
export interface DumpHeader {
  /** Such as `15.18`. */
  readonly serverVersion: string
  readonly pgDumpVersion: string
  /** PostgreSQL's name of it: the encoding of the database, unless somebody asked pg_dump for another. */
  readonly clientEncoding: string
}

/** Roles of the bash tool may stand before the dump; a megabyte of them would be thousands. */
const LONGEST_PREFIX_BYTES = 16 * 1024 * 1024

/** Reads the header of a plain dump, behind the roles of a cluster if there are any; null for text that is none. */
export async function readDumpHeader(text: AsyncIterable<Buffer>): Promise<DumpHeader | null> {
  let head = ''
  for await (const chunk of text) {
    head += chunk.toString('latin1')
    const header = headerIn(head)
    if (header !== null || head.length > LONGEST_PREFIX_BYTES) return header
  }
  return null
}

function headerIn(head: string): DumpHeader | null {
  const start = /^-- PostgreSQL database dump$/m.exec(head)?.index
  if (start === undefined) return null
  const dump = head.slice(start)
  const serverVersion = /^-- Dumped from database version (\S+)/m.exec(dump)?.[1]
  const pgDumpVersion = /^-- Dumped by pg_dump version (\S+)/m.exec(dump)?.[1]
  const clientEncoding = /^SET client_encoding = '(\w+)';$/m.exec(dump)?.[1]
  if (serverVersion === undefined || pgDumpVersion === undefined || clientEncoding === undefined) return null
  return { serverVersion, pgDumpVersion, clientEncoding }
}
