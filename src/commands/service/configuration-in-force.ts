import { basename } from 'node:path'
import type { Configuration } from '../../config/configuration.ts'
import { isProblem, type Problem } from '../../config/problem.ts'
import { type Failure, failureOf, failureText } from '../../errors.ts'
import { type ScheduledRun, scheduledRuns } from '../../schedule/scheduled-run.ts'
import {
  type ConfigurationPlace,
  configurationDigest,
  type LoadedConfiguration,
  loadConfiguration,
} from '../load-configuration.ts'

/** The configuration that runs use, and what is known of the file since. */
export interface ConfigurationInForce {
  readonly configuration: Configuration
  readonly sha256: string | null
  readonly loadedAt: Date
  /** What it asks the service to run. */
  readonly runs: readonly ScheduledRun[]
  /** A changed file that was not taken over. */
  readonly refused: RefusedConfiguration | null
}

export interface RefusedConfiguration {
  readonly at: Date
  /** Null when the file is gone or cannot be read. */
  readonly sha256: string | null
  readonly problems: readonly Problem[]
}

/** A configuration as it is taken over at `now`. */
export function putInForce({ configuration, sha256 }: LoadedConfiguration, now: Date): ConfigurationInForce {
  const { cronLines, settings } = configuration
  const { timeZone, backupPeriodMs } = settings
  return {
    configuration,
    sha256,
    loadedAt: now,
    runs: scheduledRuns({ cronLines, timeZone, backupPeriodMs }, now),
    refused: null,
  }
}

/**
 * Looks whether `backup.conf` was changed. The same object when it was not. A new file that is no worse than the old one
 * is taken over: it has something to run, and not more problems. Any other leaves the old one in force and is `refused`.
 */
export function lookForChange(
  current: ConfigurationInForce,
  place: ConfigurationPlace,
  now: Date,
): ConfigurationInForce {
  const found = readable(() => configurationDigest(place))
  const sha256 = 'failure' in found ? null : found.value
  if (!('failure' in found) && sha256 === current.sha256) return withoutRefusal(current)
  if (current.refused?.sha256 === sha256) return current
  const loaded = 'failure' in found ? found : readable(() => loadConfiguration(place))
  if ('failure' in loaded) return refuse(current, { at: now, sha256, problems: [problemOf(loaded.failure)] })
  return judged(current, loaded.value, now)
}

/** The file was put back as it was. */
function withoutRefusal(current: ConfigurationInForce): ConfigurationInForce {
  return current.refused === null ? current : { ...current, refused: null }
}

/** Whether there is anything that can be backed up, as far as is known before servers are asked. */
export function hasSources({ targets, servers }: Configuration): boolean {
  return targets.length > 0 || servers.some(({ target }) => target !== null)
}

/** The places of problems without folders, which are nobody's business outside. */
export function problemPlaces(problems: readonly Problem[]): readonly string[] {
  return problems.filter(isProblem).map(problem => basename(problem.place))
}

function judged(current: ConfigurationInForce, loaded: LoadedConfiguration, now: Date): ConfigurationInForce {
  const fresh = putInForce(loaded, now)
  const problems = loaded.configuration.problems.filter(isProblem)
  const refusal = { at: now, sha256: loaded.sha256, problems }
  if (loaded.sha256 === null) return refuse(current, { ...refusal, problems: [...problems, GONE] })
  const before = current.configuration.problems.filter(isProblem).length
  const isUsable = fresh.runs.length > 0 && hasSources(fresh.configuration)
  return isUsable && problems.length <= before ? fresh : refuse(current, refusal)
}

function refuse(current: ConfigurationInForce, refused: RefusedConfiguration): ConfigurationInForce {
  return { ...current, refused }
}

const GONE: Problem = {
  severity: 'problem',
  place: 'backup.conf',
  text: 'the file is gone; expected the file that was there at the start',
}

function problemOf(failure: Failure): Problem {
  return { severity: 'problem', place: 'backup.conf', text: failureText(failure) }
}

function readable<Value>(read: () => Value): { readonly value: Value } | { readonly failure: Failure } {
  try {
    return { value: read() }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}
