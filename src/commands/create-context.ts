import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { stemOf } from '../catalog/names.ts'
import { usageFault } from '../cli.ts'
import { backupConfPath, type Configuration, readConfiguration } from '../config/configuration.ts'
import type { Problem } from '../config/problem.ts'
import { checkVolume } from '../config/volume-check.ts'
import { OperatorError } from '../errors.ts'
import { checkSchedules } from '../schedule/crontab.ts'
import { systemClock } from '../system/clock.ts'
import { codeOf } from '../system/error-code.ts'
import { createLog } from '../system/log.ts'
import { createScreen, type ScreenOutput } from '../terminal/screen.ts'
import type { Context } from './context.ts'

/** The parts of the process that a command sees. */
export interface ProcessParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workingDir: string
  readonly stdout: ScreenOutput
  readonly stderr: ScreenOutput
}

/** Reads the configuration with every problem of it, and makes screen, log and run id. Throws OperatorError('configuration'). */
export function createContext(parts: ProcessParts): Context {
  const configuration = loadConfiguration(parts.env, parts.workingDir)
  const clock = systemClock
  const runId = newRunId(clock.now())
  const screen = createScreen(parts.stdout)
  const { environmentName } = configuration.settings
  const isTerminal = parts.stderr.isTTY === true
  const log = createLog({
    // A terminal shows every event already, in a person's words.
    level: isTerminal && !parts.env.BACKUP_LOG_LEVEL ? 'error' : configuration.settings.logLevel,
    fields: environmentName === null ? { runId } : { runId, environment: environmentName },
    pretty: isTerminal,
    secrets: configuration.targets.map(target => target.password.reveal()),
    write: line => screen.aside(() => parts.stderr.write(line)),
  })
  for (const { severity, ...problem } of configuration.problems) {
    if (severity === 'problem') log.error('configuration-problem', problem)
  }
  return { configuration, env: parts.env, clock, screen, log, runId }
}

function loadConfiguration(env: ProcessParts['env'], workingDir: string): Configuration {
  const path = backupConfPath(env, workingDir)
  const configuration = readConfiguration({
    env,
    conf: readConf(path),
    workingDir,
    cpus: availableParallelism(),
    stemOf,
    readSecretFile: file => readFileSync(file, 'utf8'),
  })
  const { settings, cronLines } = configuration
  const more: Problem[] = [
    ...checkVolume(namesIn(settings.backupDir), settings),
    ...checkSchedules(cronLines, { timeZone: settings.timeZone, now: systemClock.now(), usageFault }).problems,
  ]
  return { ...configuration, problems: [...configuration.problems, ...more] }
}

/** A file that is there and can't be read is an error: going on with the environment's database would be a lie. */
function readConf(path: string): { readonly path: string; readonly text: string } | null {
  try {
    return { path, text: readFileSync(path, 'utf8') }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    const code = codeOf(error) || 'unreadable'
    throw new OperatorError('configuration', `${path}: ${code}; expected a file that this user may read`)
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

/** Sorts by time, and two runs of one second differ. */
function newRunId(now: Date): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
}
