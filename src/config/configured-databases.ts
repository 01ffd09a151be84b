import type { PlacedSpec } from './backup-conf.ts'
import { type AccessInput, type HostAccess, hostAccess, sharedPrefixes } from './credentials.ts'
import { type DatabaseTarget, targetName } from './database-target.ts'
import type { Problem } from './problem.ts'

/** A database that is asked for by a valid line or the environment; `target` is null when it can't be tried. */
export interface ConfiguredDatabase {
  readonly place: string
  readonly host: string
  readonly port: number
  readonly database: string
  /** The fixed part of its archives' names. */
  readonly stem: string
  readonly userFrom: string | null
  readonly passwordFrom: string | null
  readonly tlsFrom: string | null
  readonly target: DatabaseTarget | null
}

/** How a database's archives are named; given by the caller, because names of files are the catalog's business. */
export type StemOf = (spec: { readonly host: string; readonly database: string }) => string

// A file name has at most 255 bytes; date, time and the extensions of manifest and temporary file take up to 60 of them.
const LONGEST_STEM_BYTES = 195

/** Drops databases that another one's archives could be mistaken for, or that have no possible file name; says which. */
export function withStems(
  listed: readonly PlacedSpec[],
  stemOf: StemOf,
): {
  readonly databases: readonly (PlacedSpec & { readonly stem: string })[]
  readonly problems: readonly Problem[]
} {
  const kept = new Map<string, PlacedSpec & { readonly stem: string }>()
  const problems: Problem[] = []
  for (const database of listed) {
    const stem = stemOf(database)
    const fault = stemFault(database, stem, kept.get(stem))
    if (fault === null) kept.set(stem, { ...database, stem })
    else problems.push(fault)
  }
  return { databases: [...kept.values()], problems }
}

/** Gives every database its user, password and TLS settings, as far as they can be had; each problem once. */
export function withCredentials(
  databases: readonly (PlacedSpec & { readonly stem: string })[],
  input: AccessInput,
): { readonly databases: readonly ConfiguredDatabase[]; readonly problems: readonly Problem[] } {
  const hosts = [...new Set(databases.map(database => database.host))]
  const access = new Map(hosts.map(host => [host, hostAccess(host, input)]))
  return {
    databases: databases.map(database => configured(database, access.get(database.host))),
    problems: [...[...access.values()].flatMap(found => found.problems), ...sharedPrefixes(hosts)],
  }
}

function configured(
  database: PlacedSpec & { readonly stem: string },
  access: HostAccess | undefined,
): ConfiguredDatabase {
  const { host, port, database: name } = database
  const { user = null, password = null, tls = null } = access ?? {}
  const usable = user !== null && password !== null && tls !== null
  return {
    ...database,
    userFrom: access?.userFrom ?? null,
    passwordFrom: access?.passwordFrom ?? null,
    tlsFrom: access?.tlsFrom ?? null,
    target: usable ? { host, port, database: name, user, password, tls } : null,
  }
}

function stemFault(database: PlacedSpec, stem: string, first: PlacedSpec | undefined): Problem | null {
  const bytes = Buffer.byteLength(stem)
  if (bytes > LONGEST_STEM_BYTES) {
    const text = `the names of its files would begin with ${bytes} bytes; expected at most ${LONGEST_STEM_BYTES}`
    return { severity: 'problem', place: database.place, text, hint: 'a shorter name for the host (an alias) helps' }
  }
  if (first === undefined) return null
  const same = targetName(first) === targetName(database)
  const text = same
    ? `listed again after ${first.place}; expected each database once`
    : `its files would be named as those of ${targetName(first)} (${first.place}); expected another host name or database`
  return { severity: 'problem', place: database.place, text, hint: `only the database of ${first.place} is backed up` }
}
