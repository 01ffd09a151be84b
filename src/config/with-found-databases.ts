import type { Failure } from '../errors.ts'
import type { Configuration } from './configuration.ts'
import { type ConfiguredDatabase, type ConfiguredServer, stemFault } from './configured-databases.ts'
import { checkDatabaseName } from './database-spec.ts'
import { targetName } from './database-target.ts'
import type { LookedUpServer, NotTaken, ServerCoverage } from './found-databases.ts'
import { isCovered, isExcepted, isSameServer, type ServerAddress, wholeServerName } from './server-line.ts'
import { databaseId, type NamedDatabase } from './source-id.ts'

/** More databases of one line than this are not backed up: whoever may make databases cannot fill a volume with them. */
export const MOST_FOUND = 1_000

interface Taken {
  readonly databases: readonly ConfiguredDatabase[]
  readonly notTaken: readonly NotTaken[]
}

/**
 * The configuration with the databases that its servers have. What a line names comes first, and wins: for its options,
 * and where the archives of a found database would be named as its own. Those that are `known` by their archives come
 * before new ones, and stand for a server that could not be asked. What cannot be taken is named.
 */
export function withFoundDatabases(
  configuration: Configuration,
  lookedUp: readonly LookedUpServer[],
  known: readonly NamedDatabase[],
): Configuration {
  const taken = configuration.servers.reduce<Taken>(
    (before, server) => takeOf(server, before, { answer: answerOf(server, lookedUp), known }),
    { databases: configuration.databases, notTaken: [] },
  )
  return {
    ...configuration,
    databases: taken.databases,
    targets: taken.databases.flatMap(({ target }) => target ?? []),
    found: {
      notTaken: taken.notTaken,
      servers: lookedUp.map(server => coverageOf(server, configuration)),
    },
  }
}

function answerOf(server: ServerAddress, lookedUp: readonly LookedUpServer[]): LookedUpServer | undefined {
  return lookedUp.find(each => isSameServer(each, server))
}

interface Offered {
  /** Undefined where nobody could ask, for lack of user or password. */
  readonly answer: LookedUpServer | undefined
  readonly known: readonly NamedDatabase[]
}

function takeOf(server: ConfiguredServer, before: Taken, { answer, known }: Offered): Taken {
  const failure = answer?.failure ?? null
  const ofServer = known.filter(database => isCovered(server, database)).map(({ database }) => database)
  const isUnread = answer === undefined || failure !== null
  const wanted = isUnread ? ofServer : knownFirst(answer.names, ofServer).filter(name => !isExcepted(server, name))
  const notTaken: NotTaken[] = [
    ...(failure === null ? [] : [{ database: wholeServerName(server), failure: unread(server, failure) }]),
    ...(wanted.length > MOST_FOUND ? [tooMany(server, wanted.length)] : []),
  ]
  const byStem = new Map(before.databases.map(database => [database.id.stem, database]))
  for (const name of wanted.slice(0, MOST_FOUND)) {
    const database = foundDatabase(server, name)
    const first = byStem.get(database.id.stem)
    if (first?.id.name === database.id.name) continue
    const fault = checkDatabaseName(name) ?? stemFault(database, first)?.text ?? null
    if (fault === null) byStem.set(database.id.stem, database)
    else notTaken.push({ database: database.id.name, failure: nameless(database, fault) })
  }
  return { databases: [...byStem.values()], notTaken: [...before.notTaken, ...notTaken] }
}

function knownFirst(names: readonly string[], known: readonly string[]): readonly string[] {
  const old = new Set(known)
  const unique = [...new Set(names)]
  return [...unique.filter(name => old.has(name)), ...unique.filter(name => !old.has(name))]
}

function foundDatabase(server: ConfiguredServer, name: string): ConfiguredDatabase {
  const { host, port, place, userFrom, passwordFrom, tlsFrom } = server
  const spec = { host, port, database: name, place, ...server.options }
  const target = server.target === null ? null : { ...server.target, database: name }
  return { ...spec, id: databaseId(spec), userFrom, passwordFrom, tlsFrom, target }
}

function coverageOf(server: LookedUpServer, { servers, databases }: Configuration): ServerCoverage {
  const { host, port } = server
  const line = servers.find(each => isSameServer(each, server))
  const listed = new Set(databases.filter(each => isSameServer(each, server)).map(({ database }) => database))
  const uncovered = line === undefined ? server.names.filter(name => !listed.has(name)) : []
  const nameOf = (database: string): string => targetName({ host, port, database })
  const head = nameOf('')
  return {
    server: line === undefined ? head.slice(0, -1) : wholeServerName(server),
    isWhole: line !== undefined,
    head,
    failure: server.failure,
    names: server.names.map(nameOf),
    leftOut: server.leftOut.map(nameOf),
    uncovered: uncovered.map(nameOf),
  }
}

function unread(server: ServerAddress, failure: Failure): Failure {
  return { ...failure, message: `${wholeServerName(server)}: its databases cannot be listed: ${failure.message}` }
}

function tooMany(server: ServerAddress, count: number): NotTaken {
  const name = wholeServerName(server)
  const message = `${name}: ${count} databases; expected at most ${MOST_FOUND}, and the others are not backed up`
  const hint = 'except= leaves out what need not be kept; a line of its own names what must be'
  return { database: name, failure: { kind: 'configuration', message, hint, sqlstate: null, object: null } }
}

function nameless({ id, place }: ConfiguredDatabase, fault: string): Failure {
  const hint = `rename it, leave it out by except= in ${place}, or list the server by another name`
  return { kind: 'configuration', message: `${id.name}: ${fault}`, hint, sqlstate: null, object: null }
}
