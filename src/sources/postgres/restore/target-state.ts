import type { DatabaseTarget } from '../../../config/database-target.ts'
import type { NamedDatabase } from '../../../config/source-id.ts'
import { type ConnectOptions, connect } from '../connection/connection.ts'
import { isNoSuchDatabase } from '../connection/connection-failure.ts'
import type { DatabaseFacts } from '../database/database-facts.ts'
import { inspectDatabase } from '../inspect/inspect.ts'
import { type Survey, surveyServer } from '../swap/survey.ts'

/** The database that is restored into, and how its server is reached as the admin. */
export interface RestoreTarget {
  readonly spec: NamedDatabase
  readonly adminUser: string
  /** The user who works in this database, by the host's variables; null where none is set. */
  readonly databaseUser: string | null
  /** The admin's access to a database of that server. */
  adminOf(database: string): DatabaseTarget
}

/** The server that the archive is to go to. */
export interface TargetServer {
  /** A database of the server that the restore does not touch, for all that concerns databases as a whole. */
  readonly maintenance: DatabaseTarget
  /** Its facts: version of the server, whether it is a standby. */
  readonly server: DatabaseFacts['server']
  /** For every later session of the admin. */
  readonly connect: ConnectOptions
  /** For sessions that load: others than superusers may not leave event triggers out, and none are there yet. */
  readonly loadConnect: ConnectOptions
}

/** What was found where the archive is to go. */
export interface TargetState extends TargetServer {
  readonly survey: Survey
  /** Null where there is no database of that name. */
  readonly live: DatabaseFacts | null
}

/**
 * Finds out as the admin how the target's server is worked on. Throws an OperatorError: when it can't be reached, the
 * password is wrong, or a pooler stands between.
 */
export async function findServer(
  target: RestoreTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<TargetServer> {
  const { maintenance, facts } = await inspectMaintenance(target, options, signal)
  return { maintenance, server: facts.server, connect: withoutEventTriggers(options, facts), loadConnect: options }
}

/** Looks at the target as the admin; `isLocked` where this run holds its lock. */
export async function lookAtTarget(
  target: RestoreTarget,
  { server, isLocked }: { readonly server: TargetServer; readonly isLocked: boolean },
  signal: AbortSignal,
): Promise<TargetState> {
  await using connection = await connect(server.maintenance, server.connect, signal)
  const survey = await surveyServer(connection, { database: target.spec.database, isLocked })
  const live =
    survey.live === null ? null : await inspectDatabase(target.adminOf(target.spec.database), server.connect, signal)
  return { ...server, survey, live }
}

/**
 * No database can be renamed or dropped from inside itself. Which one it is depends on the server and the target alone:
 * all who restore into this target take its lock there.
 */
async function inspectMaintenance(
  target: RestoreTarget,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<{ readonly maintenance: DatabaseTarget; readonly facts: DatabaseFacts }> {
  const candidates = ['postgres', 'template1'].filter(name => name !== target.spec.database)
  for (const name of candidates) {
    const maintenance = target.adminOf(name)
    try {
      return { maintenance, facts: await inspectDatabase(maintenance, options, signal) }
    } catch (error) {
      if (!isNoSuchDatabase(error) || name === candidates.at(-1)) throw error
    }
  }
  throw new Error('no maintenance database')
}

/** From 17 on a trigger on logins would run with the admin's rights. Only a superuser may leave it out. */
function withoutEventTriggers(options: ConnectOptions, facts: DatabaseFacts): ConnectOptions {
  if (facts.server.major < 17 || !facts.role.isSuperuser) return options
  return { ...options, parameters: { ...options.parameters, event_triggers: 'off' } }
}
