import type { PlacedSpec } from './backup-conf.ts'
import { type AccessInput, type HostAccess, hostAccess, sharedPrefixes } from './credentials.ts'
import type { DatabaseTarget } from './database-target.ts'
import type { Problem } from './problem.ts'
import { databaseId, type NamedDatabase } from './source-id.ts'

/** A database that is asked for by a valid line or the environment; `target` is null when it can't be tried. */
export interface ConfiguredDatabase extends PlacedDatabase {
  readonly userFrom: string | null
  readonly passwordFrom: string | null
  readonly tlsFrom: string | null
  readonly target: DatabaseTarget | null
}

type PlacedDatabase = PlacedSpec & NamedDatabase

// A file name has at most 255 bytes; date, time and the extensions of manifest and temporary file take up to 60 of them.
const LONGEST_STEM_BYTES = 195

/** Drops databases that another one's archives could be mistaken for, or that have no possible file name; says which. */
export function withIds(listed: readonly PlacedSpec[]): {
  readonly databases: readonly PlacedDatabase[]
  readonly problems: readonly Problem[]
} {
  const kept = new Map<string, PlacedDatabase>()
  const problems: Problem[] = []
  for (const spec of listed) {
    const database = { ...spec, id: databaseId(spec) }
    const fault = stemFault(database, kept.get(database.id.stem))
    if (fault === null) kept.set(database.id.stem, database)
    else problems.push(fault)
  }
  return { databases: [...kept.values()], problems }
}

/** Gives every database its user, password and TLS settings, as far as they can be had; each problem once. */
export function withCredentials(
  databases: readonly PlacedDatabase[],
  input: AccessInput,
): { readonly databases: readonly ConfiguredDatabase[]; readonly problems: readonly Problem[] } {
  const hosts = [...new Set(databases.map(database => database.host))]
  const access = new Map(hosts.map(host => [host, hostAccess(host, input)]))
  return {
    databases: databases.map(database => configured(database, access.get(database.host))),
    problems: [...[...access.values()].flatMap(found => found.problems), ...sharedPrefixes(hosts)],
  }
}

function configured(database: PlacedDatabase, access: HostAccess | undefined): ConfiguredDatabase {
  const { host, port, database: name } = database
  const { user = null, password = null, tls = null } = access ?? {}
  const passwordFrom = typeof access?.passwordFrom === 'string' ? { passwordFrom: access.passwordFrom } : {}
  const usable = user !== null && password !== null && tls !== null
  return {
    ...database,
    userFrom: access?.userFrom ?? null,
    passwordFrom: access?.passwordFrom ?? null,
    tlsFrom: access?.tlsFrom ?? null,
    target: usable ? { host, port, database: name, user, password, ...passwordFrom, tls } : null,
  }
}

function stemFault(database: PlacedDatabase, first: PlacedDatabase | undefined): Problem | null {
  const bytes = Buffer.byteLength(database.id.stem)
  if (bytes > LONGEST_STEM_BYTES) {
    const text = `the names of its files would begin with ${bytes} bytes; expected at most ${LONGEST_STEM_BYTES}`
    return { severity: 'problem', place: database.place, text, hint: 'a shorter name for the host (an alias) helps' }
  }
  if (first === undefined) return null
  const same = first.id.name === database.id.name
  const text = same
    ? `listed again after ${first.place}; expected each database once`
    : `its files would be named as those of ${first.id.name} (${first.place}); expected another host name or database`
  return { severity: 'problem', place: database.place, text, hint: `only the database of ${first.place} is backed up` }
}
