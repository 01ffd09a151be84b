import type { Configuration } from '../../config/configuration.ts'
import { hostPrefix } from '../../config/credentials.ts'
import { ownKeepText } from '../../config/own-keep.ts'
import type { Problem } from '../../config/problem.ts'
import type { SettingOrigin } from '../../config/setting-origins.ts'
import { checkSchedules } from '../../schedule/crontab.ts'
import { isoWithOffset } from '../../system/time-zone.ts'

/** What `-c` shows, and what `-c --json` prints. No secret is in it. */
export interface ConfigurationReport {
  readonly settings: readonly SettingOrigin[]
  readonly databasesFrom: Configuration['databasesFrom']
  readonly databases: readonly DatabaseReport[]
  readonly schedules: readonly ScheduleReport[]
  /** Warnings too, those about TLS last. */
  readonly problems: readonly Problem[]
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
    schedules: runs.map(({ line, timeZone, next }) => {
      const { place, schedule, command } = line
      return { place, schedule, command, timeZone, next: isoWithOffset(next, timeZone) }
    }),
    problems: [...configuration.problems, ...missingProblems(problems, configuration), ...tlsWarnings(databases)],
  }
}

function databaseReport(source: Configuration['databases'][number]): DatabaseReport {
  const { place, host, port, database: name, userFrom, passwordFrom, tlsFrom, target } = source
  const keep = ownKeepText(source)
  const known = { place, host, port, database: name, userFrom, passwordFrom, sslModeFrom: tlsFrom, keep }
  return { ...known, user: target?.user ?? null, sslMode: target?.tls.mode ?? null }
}

/** Whoever wires the program may have put the schedules' problems into the configuration already. */
function missingProblems(found: readonly Problem[], configuration: Configuration): readonly Problem[] {
  const known = new Set(configuration.problems.map(problem => problem.place + problem.text))
  return found.filter(problem => !known.has(problem.place + problem.text))
}

/** libpq's `prefer` and `allow` go on without TLS when the server, or somebody on the way, says so. */
function tlsWarnings(databases: Configuration['databases']): readonly Problem[] {
  const modes = new Map(databases.map(({ host, target }) => [host, target?.tls.mode]))
  const weak = [...modes].filter(([, mode]) => mode === 'prefer' || mode === 'allow')
  return weak.map(([host, mode]) => ({
    severity: 'warning',
    place: `${hostPrefix(host)}_SSLMODE`,
    text: `${mode} may connect to ${host} without TLS; expected require, verify-ca or verify-full`,
  }))
}
