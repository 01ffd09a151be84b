import { moneyParameters } from '../connection/session-parameters.ts'
import type { PostgresManifest } from '../content.ts'
import type { DumpHeader } from '../dump-file/dump-header.ts'
import type { DatabaseShape } from '../made/database-shape.ts'

/** How a dump was made. */
export interface DumpSession {
  /** Null: the dump says it itself. */
  readonly clientEncoding: string | null
  /** Server parameters of sessions that load it, or print what was loaded. */
  readonly parameters: Readonly<Record<string, string>>
  /** Of the pg_dump that wrote it; null: not known. */
  readonly toolMajor: number | null
}

/** Of a dump of which nothing is known beforehand. */
export const UNKNOWN_SESSION: DumpSession = { clientEncoding: null, parameters: {}, toolMajor: null }

/** What has to be known of an archive before it is loaded: from its manifest, or without one from the dump itself. */
export interface Expectation extends DumpSession {
  readonly shape: DatabaseShape
  readonly clientEncoding: string
  /** Of the server that was dumped. */
  readonly serverMajor: number
  readonly toolMajor: number
}

/** What the manifest says. Fields that nobody knows are those of a database that fits every dump of this encoding. */
export function expectationByManifest({ database, server, tools, fingerprint }: PostgresManifest): Expectation {
  return {
    shape: {
      encoding: database.encoding,
      collate: database.collate ?? neutralLocale(database.encoding),
      ctype: database.ctype ?? neutralLocale(database.encoding),
      localeProvider: database.localeProvider ?? null,
      icuLocale: database.icuLocale ?? null,
      ...(database.icuRules === undefined ? {} : { icuRules: database.icuRules }),
      withoutPublic: database.withoutPublic ?? false,
    },
    clientEncoding: fingerprint.session.clientEncoding,
    parameters: moneyParameters(fingerprint.session),
    serverMajor: Number.parseInt(server.version, 10),
    toolMajor: Number.parseInt(tools.pgDump, 10),
  }
}

/** What pg_dump wrote at the beginning of the dump. */
export function expectationByHeader({ serverVersion, pgDumpVersion, clientEncoding }: DumpHeader): Expectation {
  const locale = neutralLocale(clientEncoding)
  return {
    shape: { encoding: clientEncoding, collate: locale, ctype: locale, localeProvider: null, icuLocale: null },
    clientEncoding,
    parameters: {},
    serverMajor: Number.parseInt(serverVersion, 10),
    toolMajor: Number.parseInt(pgDumpVersion, 10),
  }
}

/** A locale that every machine has and that goes with the encoding. */
function neutralLocale(encoding: string): string {
  return encoding === 'UTF8' ? 'C.UTF-8' : 'C'
}
