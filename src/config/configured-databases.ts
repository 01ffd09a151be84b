import type { PlacedServer, PlacedSpec } from './backup-conf.ts'
import { type AccessInput, type HostAccess, hostAccess, sharedPrefixes } from './credentials.ts'
import type { DatabaseSpec } from './database-spec.ts'
import type { DatabaseTarget } from './database-target.ts'
import type { Problem } from './problem.ts'
import { databaseId, type NamedDatabase } from './source-id.ts'

/** A database that is asked for by a valid line or the environment; `target` is null when it can't be tried. */
export interface ConfiguredDatabase extends PlacedDatabase, Access {}

/** A server all of whose databases are asked for; `target` is the database of it that is asked which there are. */
export interface ConfiguredServer extends PlacedServer, Access {}

interface Access {
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

/** Every server has a database of this name, unless somebody has dropped it. */
const USUAL_DATABASE = 'postgres'

/** Gives databases and servers their user, password and TLS settings, as far as they can be had; each problem once. */
export function withCredentials(
  listed: { readonly databases: readonly PlacedDatabase[]; readonly servers: readonly PlacedServer[] },
  input: AccessInput,
): {
  readonly databases: readonly ConfiguredDatabase[]
  readonly servers: readonly ConfiguredServer[]
  readonly problems: readonly Problem[]
} {
  const hosts = [...new Set([...listed.databases, ...listed.servers].map(({ host }) => host))]
  const access = new Map(hosts.map(host => [host, hostAccess(host, input)]))
  return {
    databases: listed.databases.map(spec => ({ ...spec, ...accessTo(spec, access.get(spec.host)) })),
    servers: listed.servers.map(server => {
      const { host, port } = server
      return { ...server, ...accessTo({ host, port, database: USUAL_DATABASE }, access.get(host)) }
    }),
    problems: [...[...access.values()].flatMap(found => found.problems), ...sharedPrefixes(hosts)],
  }
}

function accessTo({ host, port, database }: DatabaseSpec, access: HostAccess | undefined): Access {
  const { user = null, password = null, tls = null } = access ?? {}
  const passwordFrom = typeof access?.passwordFrom === 'string' ? { passwordFrom: access.passwordFrom } : {}
  const usable = user !== null && password !== null && tls !== null
  return {
    userFrom: access?.userFrom ?? null,
    passwordFrom: access?.passwordFrom ?? null,
    tlsFrom: access?.tlsFrom ?? null,
    target: usable ? { host, port, database, user, password, ...passwordFrom, tls } : null,
  }
}

/** What is wrong with the names of a database's archives, beside those of `first`, whose stem is the same; null if nothing. */
export function stemFault(database: PlacedDatabase, first: PlacedDatabase | undefined): Problem | null {
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
