import { basename } from 'node:path'
import type { Configuration } from '../../config/configuration.ts'
import { isProblem, type Problem, problemTexts } from '../../config/problem.ts'
import { type Failure, failureOf, failureText } from '../../errors.ts'
import { type ScheduledRun, scheduledRuns } from '../../schedule/scheduled-run.ts'
import {
  type ConfigurationPlace,
  configurationDigest,
  type LoadedConfiguration,
  loadConfiguration,
  reloadSecrets,
} from '../load-configuration.ts'

/** The configuration that runs use, and what is known of the file since. */
export interface ConfigurationInForce extends LoadedConfiguration {
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
export function putInForce(loaded: LoadedConfiguration, now: Date): ConfigurationInForce {
  const { cronLines, settings } = loaded.configuration
  const { timeZone, backupPeriodMs } = settings
  return {
    ...loaded,
    loadedAt: now,
    runs: scheduledRuns({ cronLines, timeZone, backupPeriodMs }, now),
    refused: null,
  }
}

/** The same with the secrets' files as they are now: a run uses what they hold when it begins, and nothing older. */
export function withSecretsOfNow(current: ConfigurationInForce, place: ConfigurationPlace): ConfigurationInForce {
  return { ...current, configuration: reloadSecrets(place, current) }
}

/**
 * Looks whether `backup.conf` was changed. The same object when there is nothing new. A new file that is no worse than the
 * old one is taken over: it has something to run, and not more problems. Any other leaves the old one in force and is
 * `refused`, and is looked at again, since it may wait for the Secret of a new host.
 */
export function lookForChange(
  current: ConfigurationInForce,
  place: ConfigurationPlace,
  now: Date,
): ConfigurationInForce {
  const found = readable(() => configurationDigest(place))
  const sha256 = 'failure' in found ? null : found.value
  if (!('failure' in found) && sha256 === current.sha256) return withoutRefusal(current)
  const loaded = 'failure' in found ? found : readable(() => loadConfiguration(place))
  if ('failure' in loaded) return refuse(current, { at: now, sha256, problems: [problemOf(loaded.failure)] })
  return judged(current, reloadSecrets(place, current), putInForce(loaded.value, now))
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

/** Old and new are held against each other as they are now: a secret that is missing for a moment is no matter of the file. */
function judged(current: ConfigurationInForce, old: Configuration, fresh: ConfigurationInForce): ConfigurationInForce {
  const { configuration, sha256, loadedAt } = fresh
  const problems = configuration.problems.filter(isProblem)
  const refusal = { at: loadedAt, sha256, problems }
  if (sha256 === null) return refuse(current, { ...refusal, problems: [...problems, GONE] })
  const isUsable = fresh.runs.length > 0 && (hasSources(configuration) || !hasSources(old))
  return isUsable && problems.length <= old.problems.filter(isProblem).length ? fresh : refuse(current, refusal)
}

function refuse(current: ConfigurationInForce, refused: RefusedConfiguration): ConfigurationInForce {
  return isSameRefusal(current.refused, refused) ? current : { ...current, refused }
}

function isSameRefusal(known: RefusedConfiguration | null, found: RefusedConfiguration): boolean {
  if (known?.sha256 !== found.sha256) return false
  return problemTexts(known.problems).join('\n') === problemTexts(found.problems).join('\n')
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
