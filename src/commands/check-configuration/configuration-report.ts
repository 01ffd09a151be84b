import type { Configuration } from '../../config/configuration.ts'
import type { ConfiguredServer } from '../../config/configured-databases.ts'
import { hostPrefix } from '../../config/credentials.ts'
import { ownKeepText } from '../../config/own-keep.ts'
import type { Problem } from '../../config/problem.ts'
import { wholeServerName } from '../../config/server-line.ts'
import type { SettingOrigin } from '../../config/setting-origins.ts'
import { failureText } from '../../errors.ts'
import { checkSchedules } from '../../schedule/crontab.ts'
import { isoWithOffset } from '../../system/time-zone.ts'

/** What `-c` shows, and what `-c --json` prints. No secret is in it. */
export interface ConfigurationReport {
  readonly settings: readonly SettingOrigin[]
  readonly databasesFrom: Configuration['databasesFrom']
  /** Those that were found too, where every database of a server is asked for. */
  readonly databases: readonly DatabaseReport[]
  readonly servers: readonly ServerReport[]
  readonly schedules: readonly ScheduleReport[]
  /** Warnings too, those about TLS last. */
  readonly problems: readonly Problem[]
}

/** A server all of whose databases are asked for. */
export interface ServerReport {
  readonly place: string
  /** `host[:port]/*`. */
  readonly server: string
  /** Of those that no line leaves out or names itself: null where nobody could ask. */
  readonly databases: number | null
  /** Why they cannot be listed, or are not taken, all or some. */
  readonly failures: readonly string[]
}

/** `user` and `sslMode` are null for a database that can't be tried; the `…From` are variables, null where none is set. */
export interface DatabaseReport {
  readonly place: string
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | null
  readonly userFrom: string | null
  readonly passwordFrom: string | null
  readonly sslMode: string | null
  readonly sslModeFrom: string | null
  /** What its line says of retention; null: what the settings say. */
  readonly keep: string | null
}

export interface ScheduleReport {
  readonly place: string
  readonly schedule: string
  readonly command: string
  readonly timeZone: string
  /** ISO 8601 with the zone's offset. */
  readonly next: string
}

/** Everything that can be said about a configuration at `now`, without asking any server. */
export function configurationReport(configuration: Configuration, now: Date): ConfigurationReport {
  const { settings, cronLines, databases } = configuration
  const { runs, problems } = checkSchedules(cronLines, { now, timeZone: settings.timeZone })
  return {
    settings: configuration.origins,
    databasesFrom: configuration.databasesFrom,
    databases: databases.map(databaseReport),
    servers: configuration.servers.map(server => serverReport(server, configuration)),
    schedules: runs.map(({ line, timeZone, next }) => {
      const { place, schedule, command } = line
      return { place, schedule, command, timeZone, next: isoWithOffset(next, timeZone) }
    }),
    problems: [
      ...configuration.problems,
      ...missingProblems(problems, configuration),
      ...tlsWarnings([...databases, ...configuration.servers]),
    ],
  }
}

function databaseReport(source: Configuration['databases'][number]): DatabaseReport {
  const { place, host, port, database: name, userFrom, passwordFrom, tlsFrom, target } = source
  const keep = ownKeepText(source)
  const known = { place, host, port, database: name, userFrom, passwordFrom, sslModeFrom: tlsFrom, keep }
  return { ...known, user: target?.user ?? null, sslMode: target?.tls.mode ?? null }
}

function serverReport(server: ConfiguredServer, { databases, found }: Configuration): ServerReport {
  const name = wholeServerName(server)
  const answer = found.servers.find(each => each.server === name)
  const isRead = answer !== undefined && answer.failure === null
  const prefix = name.slice(0, -1)
  return {
    place: server.place,
    server: name,
    databases: isRead ? databases.filter(({ place }) => place === server.place).length : null,
    failures: found.notTaken.flatMap(({ database, failure }) =>
      database.startsWith(prefix) ? failureText(failure) : [],
    ),
  }
}

/** Whoever wires the program may have put the schedules' problems into the configuration already. */
function missingProblems(found: readonly Problem[], configuration: Configuration): readonly Problem[] {
  const known = new Set(configuration.problems.map(problem => problem.place + problem.text))
  return found.filter(problem => !known.has(problem.place + problem.text))
}

/** libpq's `prefer` and `allow` go on without TLS when the server, or somebody on the way, says so. */
function tlsWarnings(listed: readonly Pick<ConfiguredServer, 'host' | 'target'>[]): readonly Problem[] {
  const modes = new Map(listed.map(({ host, target }) => [host, target?.tls.mode]))
  const weak = [...modes].filter(([, mode]) => mode === 'prefer' || mode === 'allow')
  return weak.map(([host, mode]) => ({
    severity: 'warning',
    place: `${hostPrefix(host)}_SSLMODE`,
    text: `${mode} may connect to ${host} without TLS; expected require, verify-ca or verify-full`,
  }))
}
