import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import {
  backupConfPath,
  type Configuration,
  type ConfigurationInput,
  readConfiguration,
} from '../config/configuration.ts'
import type { Problem } from '../config/problem.ts'
import { checkVolume } from '../config/volume-check.ts'
import { fileWords, OperatorError } from '../errors.ts'
import { checkSchedules } from '../schedule/crontab.ts'
import { unconfiguredSources } from '../schedule/unconfigured-sources.ts'
import { systemClock } from '../system/clock.ts'
import { codeOf } from '../system/error-code.ts'
import { readPlainFileSync } from '../system/plain-file.ts'
import { MOST_BYTES } from '../system/size-limits.ts'
import { readSecretFile } from './read-secret-file.ts'

/** Where the configuration comes from. */
export interface ConfigurationPlace {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workingDir: string
}

/** The path of `backup.conf`, and what stood in it. */
type ConfText = NonNullable<ConfigurationInput['conf']>

/** A configuration with every problem of it, and the file that it was read from. */
export interface LoadedConfiguration {
  readonly configuration: Configuration
  /** `backup.conf` as it was read; null when there is no such file. */
  readonly conf: ConfText | null
  /** SHA-256 of `backup.conf`; null when there is no such file. */
  readonly sha256: string | null
}

/** Reads environment and `backup.conf`. Throws OperatorError('configuration') when the file is there and can't be read. */
export function loadConfiguration(given: ConfigurationPlace): LoadedConfiguration {
  return readWith(given, readConf(backupConfPath(given.env, given.workingDir)))
}

/** What the same `backup.conf` means with the secrets' files as they are now. Never throws. */
export function reloadSecrets(given: ConfigurationPlace, { conf }: Pick<LoadedConfiguration, 'conf'>): Configuration {
  return readWith(given, conf).configuration
}

function readWith({ env, workingDir }: ConfigurationPlace, conf: ConfText | null): LoadedConfiguration {
  const configuration = readConfiguration({ env, conf, workingDir, cpus: availableParallelism(), readSecretFile })
  const { settings, cronLines } = configuration
  const more: Problem[] = [
    ...checkVolume(namesIn(settings.backupDir), settings),
    ...checkSchedules(cronLines, { timeZone: settings.timeZone, now: systemClock.now() }).problems,
    ...unconfiguredSources(cronLines, configuration),
  ]
  return {
    configuration: { ...configuration, problems: [...configuration.problems, ...more] },
    conf,
    sha256: conf === null ? null : digestOf(conf.text),
  }
}

/** The digest of `backup.conf` as it is now, for noticing that it was changed. Throws as above. */
export function configurationDigest({ env, workingDir }: ConfigurationPlace): string | null {
  const conf = readConf(backupConfPath(env, workingDir))
  return conf === null ? null : digestOf(conf.text)
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A file that is there and can't be read is an error: going on with the environment's database would be a lie. */
function readConf(path: string): ConfText | null {
  try {
    // Kubernetes mounts a ConfigMap as links.
    const bytes = readPlainFileSync(path, { mostBytes: MOST_BYTES.backupConf, links: 'follow' })
    return { path, text: bytes.toString('utf8') }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw new OperatorError('configuration', `${path}: ${fileWords(error)}`)
  }
}

/** Null for a folder that is not there; what else is wrong with it, the first use of it says. */
function namesIn(folder: string): readonly string[] | null {
  try {
    return readdirSync(folder)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : []
  }
}
