import { randomBytes } from 'node:crypto'
import { adminSecrets } from '../config/admin-access.ts'
import type { Configuration } from '../config/configuration.ts'
import { destinationSecrets } from '../config/destination-settings.ts'
import { notificationSecrets } from '../config/notification-settings.ts'
import { isProblem, type Problem } from '../config/problem.ts'
import { type Clock, systemClock } from '../system/clock.ts'
import { createLog, type Log } from '../system/log.ts'
import { createScreen, type ScreenOutput } from '../terminal/screen.ts'
import type { Context } from './context.ts'
import { createLazyNotifications } from './lazy-notifications.ts'
import { loadConfiguration } from './load-configuration.ts'

/** The parts of the process that a command sees. */
export interface ProcessParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workingDir: string
  readonly stdout: ScreenOutput
  readonly stderr: ScreenOutput
}

/** What the service knows already when it makes the context of a scheduled run. */
interface GivenParts {
  readonly configuration?: Configuration
  readonly clock?: Clock
  readonly occasion?: Context['occasion']
  readonly notifications?: Context['notifications']
}

/** Reads the configuration with every problem of it, and makes screen, log and run id. Throws OperatorError('configuration'). */
export function createContext(parts: ProcessParts, given: GivenParts = {}): Context {
  const configuration = given.configuration ?? loadConfiguration(parts).configuration
  const clock = given.clock ?? systemClock
  const runId = newRunId(clock.now())
  const screen = createScreen(parts.stdout)
  const { environmentName } = configuration.settings
  const isTerminal = parts.stderr.isTTY === true
  const log = createLog({
    // A terminal shows every event already, in a person's words.
    level: isTerminal && !parts.env.BACKUP_LOG_LEVEL ? 'error' : configuration.settings.logLevel,
    fields: environmentName === null ? { runId } : { runId, environment: environmentName },
    pretty: isTerminal,
    secrets: [
      ...[...configuration.targets, ...configuration.servers.flatMap(({ target }) => target ?? [])].map(target =>
        target.password.reveal(),
      ),
      ...adminSecrets(parts.env),
      ...notificationSecrets(configuration.notifications),
      ...destinationSecrets(configuration.settings.destinations),
    ],
    write: line => screen.aside(() => parts.stderr.write(line)),
  })
  logProblems(
    log,
    configuration.problems.filter(problem => isProblem(problem) || given.configuration === undefined),
  )
  const occasion = given.occasion ?? { trigger: 'command', schedule: null }
  const { backupDir, timeZone } = configuration.settings
  const notifications =
    given.notifications ??
    createLazyNotifications({ settings: configuration.notifications, backupDir, timeZone, clock, log })
  return { configuration, env: parts.env, clock, screen, log, runId, occasion, notifications }
}

/** Warnings too where the process starts; its scheduled runs need not say them again. */
function logProblems(log: Log, problems: readonly Problem[]): void {
  for (const { severity, ...problem } of problems) {
    if (severity === 'problem') log.error('configuration-problem', problem)
    else log.warn('configuration-warning', problem)
  }
}

/** Sorts by time, and two runs of one second differ. */
function newRunId(now: Date): string {
  return `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
}
