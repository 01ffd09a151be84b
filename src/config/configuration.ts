import { resolve } from 'node:path'
import { type BackupConf, type PlacedServer, type PlacedSpec, readBackupConf } from './backup-conf.ts'
import { type ConfiguredDatabase, type ConfiguredServer, withCredentials, withIds } from './configured-databases.ts'
import type { CronLine } from './cron-line.ts'
import type { DatabaseTarget } from './database-target.ts'
import { readDestinations } from './destination-settings.ts'
import { environmentDatabase } from './environment-database.ts'
import { type FoundDatabases, NOTHING_LOOKED_UP } from './found-databases.ts'
import type { KeepRules } from './keep-rule.ts'
import { type NotificationSettings, readNotificationSettings } from './notification-settings.ts'
import { keepWarnings } from './own-keep.ts'
import type { Problem } from './problem.ts'
import { type SettingOrigin, settingOrigins } from './setting-origins.ts'
import { dropEmpty, type Environment, type ReadSettings, readSettings, type SettingValues } from './setting-values.ts'
import type { Settings } from './settings.ts'
import { SETTINGS } from './settings-table.ts'
import { readShard } from './shard.ts'
import { unreadVariables } from './unread-variables.ts'

/** Everything that file and environment ask for. Frozen. `problems` are all there are, of both severities. */
export interface Configuration {
  readonly settings: Settings
  readonly notifications: NotificationSettings
  /** The databases that can be tried, in the listed order. */
  readonly targets: readonly DatabaseTarget[]
  /** Every database with a valid line, those without credentials too, in the listed order. */
  readonly databases: readonly ConfiguredDatabase[]
  /** Every server of which all databases are asked for; what they have is not among `databases` before it is looked up. */
  readonly servers: readonly ConfiguredServer[]
  /** What looking that up came to. */
  readonly found: FoundDatabases
  readonly databasesFrom: 'backup.conf' | 'environment'
  readonly cronLines: readonly CronLine[]
  readonly problems: readonly Problem[]
  /** Each setting with what it is and where that comes from; secrets without their value. */
  readonly origins: readonly SettingOrigin[]
}

export interface ConfigurationInput {
  readonly env: Environment
  /** The text of `backup.conf`; null when there is no such file. */
  readonly conf: { readonly path: string; readonly text: string } | null
  readonly workingDir: string
  readonly cpus: number
  /** Gives a file's whole text and throws when it can't. */
  readonly readSecretFile: (path: string) => string
}

/** Absolute path of the file that lists the databases, whether it exists or not. */
export function backupConfPath(env: Environment, workingDir: string): string {
  return resolve(workingDir, dropEmpty(env).BACKUP_CONF ?? SETTINGS.BACKUP_CONF.default)
}

/** Reads file and environment into settings and databases. Never throws: whatever is wrong stands in `problems`. */
export function readConfiguration(input: ConfigurationInput): Configuration {
  const env = dropEmpty(input.env)
  const read = readSettings(env)
  const copies = readDestinations(read.values, { env, readSecretFile: input.readSecretFile })
  const settings = settingsOf(read, input, copies)
  const conf = input.conf === null ? null : readBackupConf(input.conf)
  const listed = listedDatabases(conf, read.values)
  const named = withIds(listed.databases)
  const { databases, servers, problems } = withCredentials(
    { databases: named.databases, servers: listed.servers },
    { env, readSecretFile: input.readSecretFile },
  )
  const telling = readNotificationSettings(read.values, { env, readSecretFile: input.readSecretFile })
  const all = [
    ...missingFile(input, env),
    ...(conf?.problems ?? []),
    ...listed.problems,
    ...named.problems,
    ...keepWarnings(named.databases, settings.strategy),
    ...problems,
    ...telling.problems,
    ...readShard(read).problems,
    ...unreadVariables(env, { listed: [...listed.databases, ...listed.servers], otherHosts: conf?.otherHosts ?? [] }),
  ]
  return deepFreeze({
    settings,
    notifications: telling.notifications,
    targets: databases.flatMap(database => database.target ?? []),
    databases,
    servers,
    found: NOTHING_LOOKED_UP,
    databasesFrom: listed.from,
    cronLines: conf?.cronLines ?? [],
    problems: once([...all, ...read.problems, ...nothingListed(conf, input.conf?.path), ...copies.problems]),
    origins: settingOrigins(env, {
      invalid: read.invalid,
      concurrency: settings.concurrency,
      listed: [...databases, ...servers],
    }),
  })
}

function settingsOf(
  read: ReadSettings,
  input: ConfigurationInput,
  copies: Omit<ReturnType<typeof readDestinations>, 'problems'>,
): Settings {
  const { values } = read
  return {
    strategy: values.BACKUP_STRATEGY ?? 'rolling',
    backupDir: resolve(input.workingDir, values.ROOT_BACKUP_DIR ?? values.BACKUP_DIR ?? SETTINGS.BACKUP_DIR.default),
    // What somebody meant to close must not be open for a slip of the finger.
    volumeShared: read.invalid.has('VOLUME_SHARED') ? 'owner' : values.VOLUME_SHARED,
    verificationDir: resolve(input.workingDir, values.VERIFICATION_DIR ?? SETTINGS.VERIFICATION_DIR.default),
    keep: keepRules(read),
    timeZone: values.TZ ?? 'UTC',
    concurrency: values.BACKUP_CONCURRENCY ?? Math.max(1, Math.min(4, input.cpus)),
    concurrencyPerHost: values.BACKUP_CONCURRENCY_PER_HOST ?? 1,
    lockWaitMs: values.LOCK_WAIT ?? 0,
    tableLockWaitMs: values.LOCK_WAIT_TIMEOUT ?? 0,
    dumpTimeoutMs: values.DUMP_TIMEOUT ?? 0,
    dumpRetries: values.DUMP_RETRIES ?? 0,
    stallTimeoutMs: values.STALL_TIMEOUT ?? 0,
    serverTimeoutMs: values.DATABASE_SERVER_TIMEOUT ?? 120_000,
    logLevel: values.BACKUP_LOG_LEVEL ?? 'info',
    environmentName: values.ENVIRONMENT_NAME,
    alarm: { rows: shareOf(values.ALARM_ROWS), size: shareOf(values.ALARM_SIZE) },
    backupPeriodMs: values.BACKUP_PERIOD ?? 86_400_000,
    runMissed: values.RUN_MISSED ?? false,
    shutdownGraceMs: values.SHUTDOWN_GRACE ?? 0,
    httpPort: values.HTTP_PORT ?? 0,
    shard: readShard(read).shard,
    destinations: copies.destinations,
    wantedCopies: copies.wanted,
    hooksDir: values.HOOKS_DIR === null ? null : resolve(input.workingDir, values.HOOKS_DIR),
    hookTimeoutMs: values.HOOK_TIMEOUT ?? 300_000,
  }
}

/** Null for 0 percent. */
function shareOf(percent: number | null): number | null {
  return percent === null || percent === 0 ? null : percent / 100
}

/** Null as soon as one rule, or the strategy that chooses between them, is not known for sure. */
function keepRules({ values, invalid }: ReadSettings): KeepRules | null {
  if (invalid.has('BACKUP_STRATEGY') || KEEP_SETTINGS.some(name => invalid.has(name))) return null
  const [daily, weekly, monthly, yearly, all] = KEEP_SETTINGS.map(name => values[name] ?? 0)
  return { daily, weekly, monthly, yearly, all } as KeepRules
}

const KEEP_SETTINGS = ['DAILY_BACKUPS', 'WEEKLY_BACKUPS', 'MONTHLY_BACKUPS', 'YEARLY_BACKUPS', 'NUM_BACKUPS'] as const

function listedDatabases(
  conf: BackupConf | null,
  values: SettingValues,
): {
  databases: readonly PlacedSpec[]
  servers: readonly PlacedServer[]
  problems: readonly Problem[]
  from: 'backup.conf' | 'environment'
} {
  if (!conf?.namesDatabases) return { ...environmentDatabase(values), servers: [], from: 'environment' }
  return { databases: conf.databases, servers: conf.servers, problems: [], from: 'backup.conf' }
}

function missingFile(input: ConfigurationInput, env: Readonly<Record<string, string>>): readonly Problem[] {
  if (input.conf !== null || env.BACKUP_CONF === undefined) return []
  const text = 'the file does not exist; expected the file that lists the databases'
  return [{ severity: 'warning', place: 'BACKUP_CONF', text, hint: 'the one database of the environment is used' }]
}

function nothingListed(conf: BackupConf | null, path: string | undefined): readonly Problem[] {
  if (!conf?.namesDatabases || conf.databases.length + conf.servers.length > 0) return []
  const text = 'no line names a database that can be backed up; expected at least one postgres=host/database'
  return [{ severity: 'problem', place: path ?? 'backup.conf', text }]
}

/** Several hosts may depend on the same broken variable. */
function once(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map(problem => [`${problem.place}\n${problem.text}`, problem])).values()]
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) deepFreeze(part)
  }
  return Object.freeze(value)
}
