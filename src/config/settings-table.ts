/** What a value looks like; how it is read stands in `setting-values.ts`. */
export type SettingKind =
  | 'text'
  | 'path'
  | 'port'
  | 'count'
  | 'positive count'
  | 'duration'
  | 'strategy'
  | 'log level'
  | 'sslmode'
  | 'time zone'

export type SettingGroup = 'Backups' | 'Databases' | 'Limits' | 'TLS' | 'Names and log'

/** One environment variable that the program reads. Everything that is said about it anywhere derives from this. */
export interface SettingDefinition {
  readonly kind: SettingKind
  /** As one would write it; null when there is none. */
  readonly default: string | null
  /** What stands in for the default where it is worked out from something else. */
  readonly computedDefault?: string
  readonly group: SettingGroup
  readonly help: string
  /** Its value is never shown, and `<NAME>_FILE` may name a file that holds it. */
  readonly secret?: true
  /** Why a setting that is still accepted does nothing any more. */
  readonly obsolete?: string
}

/** What each kind of value must be: the words after "expected" in a problem, and the legend of the reference. */
export const KIND_HELP: Readonly<Record<SettingKind, string>> = {
  text: 'a text',
  path: 'a path',
  port: 'a port from 1 to 65535',
  count: 'a whole number, 0 or more',
  'positive count': 'a whole number, 1 or more',
  duration: 'a duration such as 90s, 10m, 2h or 1d (at most 24d), or 0',
  strategy: 'rolling or daily',
  'log level': 'debug, info, warn or error',
  sslmode: 'disable, allow, prefer, require, verify-ca or verify-full',
  'time zone': 'an IANA time zone such as America/Vancouver',
}

/** The settings, in the order in which `-h`, `-c` and the reference show them. */
export const SETTINGS = {
  BACKUP_STRATEGY: {
    kind: 'strategy',
    default: 'rolling',
    group: 'Backups',
    help: 'rolling: folders daily, weekly and monthly, each with its own count; daily: one folder a day and one count',
  },
  BACKUP_DIR: { kind: 'path', default: '/backups/', group: 'Backups', help: 'The folder that holds all backups' },
  ROOT_BACKUP_DIR: { kind: 'path', default: null, group: 'Backups', help: 'Older name of BACKUP_DIR; wins over it' },
  BACKUP_CONF: {
    kind: 'path',
    default: 'backup.conf',
    group: 'Backups',
    help: 'The file that lists databases and schedules; relative to the working folder',
  },
  DAILY_BACKUPS: {
    kind: 'count',
    default: '6',
    group: 'Backups',
    help: 'Daily backups kept of each database (rolling)',
  },
  WEEKLY_BACKUPS: { kind: 'count', default: '4', group: 'Backups', help: 'Weekly (Sunday) backups kept (rolling)' },
  MONTHLY_BACKUPS: {
    kind: 'count',
    default: '1',
    group: 'Backups',
    help: 'Monthly (last day of the month) backups kept (rolling)',
  },
  NUM_BACKUPS: {
    kind: 'count',
    default: '31',
    group: 'Backups',
    help: 'Backups kept of each database (daily strategy)',
  },
  TZ: {
    kind: 'time zone',
    default: 'UTC',
    group: 'Backups',
    help: 'The one zone of file names, tiers and schedules',
  },
  DATABASE_SERVICE_NAME: {
    kind: 'text',
    default: 'postgresql',
    group: 'Databases',
    help: 'Host of the one database that is backed up when backup.conf lists none',
  },
  POSTGRESQL_DATABASE: {
    kind: 'text',
    default: null,
    group: 'Databases',
    help: 'Name of that database; wins over DATABASE_NAME',
  },
  DATABASE_NAME: { kind: 'text', default: 'my_postgres_db', group: 'Databases', help: 'Name of that database' },
  POSTGRESQL_PORT_NUM: {
    kind: 'port',
    default: '5432',
    group: 'Databases',
    help: 'Port of that database; a line of backup.conf names its own',
  },
  DATABASE_USER: {
    kind: 'text',
    default: null,
    group: 'Databases',
    help: 'User for every host that has no <HOST>_USER',
  },
  DATABASE_PASSWORD: {
    kind: 'text',
    default: null,
    group: 'Databases',
    secret: true,
    help: 'Password for every host that has no <HOST>_PASSWORD',
  },
  TABLE_SCHEMA: {
    kind: 'text',
    default: null,
    group: 'Databases',
    help: 'Accepted, without effect',
    obsolete: 'no longer needed, because every schema is dumped',
  },
  BACKUP_CONCURRENCY: {
    kind: 'positive count',
    default: null,
    computedDefault: 'the number of CPUs, at most 4',
    group: 'Limits',
    help: 'Hosts that are backed up at the same time',
  },
  BACKUP_CONCURRENCY_PER_HOST: {
    kind: 'positive count',
    default: '1',
    group: 'Limits',
    help: 'Dumps of one host at the same time',
  },
  LOCK_WAIT: {
    kind: 'duration',
    default: '10m',
    group: 'Limits',
    help: 'How long -s waits for another run that works on the same database; 0 does not wait',
  },
  LOCK_WAIT_TIMEOUT: {
    kind: 'duration',
    default: '10m',
    group: 'Limits',
    help: 'How long pg_dump waits for the lock of a table; 0 waits for ever',
  },
  DUMP_TIMEOUT: {
    kind: 'duration',
    default: '0',
    group: 'Limits',
    help: 'How long the dump of one database may take; 0 sets no limit',
  },
  DUMP_RETRIES: {
    kind: 'count',
    default: '2',
    group: 'Limits',
    help: 'How often a dump starts again after its connection was lost',
  },
  STALL_TIMEOUT: {
    kind: 'duration',
    default: '30m',
    group: 'Limits',
    help: 'How long a dump may send nothing before its session is looked at; 0 never looks',
  },
  DATABASE_SSLMODE: {
    kind: 'sslmode',
    default: null,
    group: 'TLS',
    help: "libpq's sslmode for every host that has no <HOST>_SSLMODE",
  },
  DATABASE_SSLROOTCERT: {
    kind: 'path',
    default: null,
    group: 'TLS',
    help: 'Root certificates for every host that has no <HOST>_SSLROOTCERT',
  },
  PGSSLMODE: {
    kind: 'sslmode',
    default: null,
    computedDefault: 'prefer',
    group: 'TLS',
    help: 'sslmode where neither of the above is set',
  },
  PGSSLROOTCERT: {
    kind: 'path',
    default: null,
    group: 'TLS',
    help: 'Root certificates where neither of the above is set',
  },
  PGSSLCERT: { kind: 'path', default: null, group: 'TLS', help: 'Client certificate for every host' },
  PGSSLKEY: { kind: 'path', default: null, group: 'TLS', help: 'Key of the client certificate' },
  ENVIRONMENT_NAME: {
    kind: 'text',
    default: null,
    group: 'Names and log',
    help: 'Name of this environment, for machines',
  },
  ENVIRONMENT_FRIENDLY_NAME: {
    kind: 'text',
    default: null,
    group: 'Names and log',
    help: 'Name of this environment, for people',
  },
  BACKUP_LOG_LEVEL: {
    kind: 'log level',
    default: 'info',
    group: 'Names and log',
    help: 'The least that is logged; error where stderr is a terminal and this is not set',
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>

export type SettingName = keyof typeof SETTINGS

/** Settings with one value per database host: `<HOST>` is the host's prefix, such as WALLET_DB for wallet-db. */
export const HOST_SETTINGS = {
  '<HOST>_USER': {
    kind: 'text',
    default: null,
    computedDefault: 'DATABASE_USER',
    group: 'Databases',
    help: 'User on that host',
  },
  '<HOST>_PASSWORD': {
    kind: 'text',
    default: null,
    computedDefault: 'DATABASE_PASSWORD',
    group: 'Databases',
    secret: true,
    help: 'Password of that user',
  },
  '<HOST>_SSLMODE': {
    kind: 'sslmode',
    default: null,
    computedDefault: 'DATABASE_SSLMODE',
    group: 'TLS',
    help: "libpq's sslmode for that host",
  },
  '<HOST>_SSLROOTCERT': {
    kind: 'path',
    default: null,
    computedDefault: 'DATABASE_SSLROOTCERT',
    group: 'TLS',
    help: 'File of root certificates for that host',
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>

/** Every row of both tables with its name, in the order of the tables; those of a host stand first in their group. */
export function settingRows(): readonly (SettingDefinition & { readonly name: string })[] {
  const tables: Readonly<Record<string, SettingDefinition>>[] = [HOST_SETTINGS, SETTINGS]
  return tables.flatMap(table => Object.entries(table).map(([name, definition]) => ({ name, ...definition })))
}

/** The groups in the order in which they are shown. */
export const SETTING_GROUPS: readonly SettingGroup[] = ['Backups', 'Databases', 'TLS', 'Limits', 'Names and log']
