/** What a value looks like; how it is read stands in `setting-values.ts`. */
export type SettingKind =
  | 'text'
  | 'path'
  | 'port'
  | 'count'
  | 'keep rule'
  | 'positive count'
  | 'percentage'
  | 'duration'
  | 'hook time'
  | 'strategy'
  | 'log level'
  | 'sslmode'
  | 'time zone'
  | 'period'
  | 'listening port'
  | 'yes or no'
  | 'ftp address'
  | 'ftp tls'
  | 'sftp address'
  | 'server address'
  | 'copy retention'
  | 'URL'
  | 'webhook format'
  | 'occasion'
  | 'sharing'

export type SettingGroup =
  | 'Backups'
  | 'Service'
  | 'Databases'
  | 'Limits'
  | 'Notifications'
  | 'TLS'
  | 'Copies'
  | 'Names and log'

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
  'keep rule': 'a whole number, 0 or more, an age such as 28d, 4w, 12m or 3y (at most a century), or all',
  'positive count': 'a whole number, 1 or more',
  percentage: 'a whole number from 0 to 100',
  duration: 'a duration such as 90s, 10m, 2h or 1d (at most 24d), or 0',
  'hook time': 'a duration such as 90s, 10m, 2h or 1d (at most 24d), not 0',
  strategy: 'rolling or daily',
  'log level': 'debug, info, warn or error',
  sslmode: 'disable, allow, prefer, require, verify-ca or verify-full',
  'time zone': 'an IANA time zone such as America/Vancouver',
  URL: 'an http or https URL',
  'webhook format': 'form or json',
  occasion: 'all, changes or failures',
  sharing: 'group or owner',
  period: 'a duration such as 90s, 30m, 12h or 1d, or whole seconds; not 0',
  'listening port': 'a port from 1 to 65535, or 0 for none',
  'yes or no': 'true or false',
  'ftp address':
    'ftp://host[:port]/path/ (TLS is negotiated) or ftps://host[:port]/path/ (TLS from the start), without user and password',
  'sftp address':
    'sftp://user@host[:port]/path/ without a password; the path is absolute, and /~/ begins at the home folder',
  'ftp tls': 'required, insecure (the certificate is not checked) or off (clear text)',
  'server address': 'https://host[:port] without user and password',
  'copy retention': 'mirror (a copy goes when its archive is pruned) or keep (for ever)',
}

/** The settings, in the order in which `-h`, `-c` and the reference show them. */
export const SETTINGS = {
  BACKUP_STRATEGY: {
    kind: 'strategy',
    default: 'rolling',
    group: 'Backups',
    help: 'rolling: folders daily, weekly, monthly and yearly, each with its own rule; daily: one folder a day and one rule',
  },
  BACKUP_DIR: { kind: 'path', default: '/backups/', group: 'Backups', help: 'The folder that holds all backups' },
  ROOT_BACKUP_DIR: { kind: 'path', default: null, group: 'Backups', help: 'Older name of BACKUP_DIR; wins over it' },
  VOLUME_SHARED: {
    kind: 'sharing',
    default: null,
    computedDefault: 'group in a process of group 0, else owner',
    group: 'Backups',
    help: 'Who may read and remove what is made in BACKUP_DIR: its group too, or its owner only',
  },
  BACKUP_CONF: {
    kind: 'path',
    default: 'backup.conf',
    group: 'Backups',
    help: 'The file that lists databases and schedules; relative to the working folder',
  },
  VERIFICATION_DIR: {
    kind: 'path',
    default: '/var/lib/pgsql/data',
    group: 'Backups',
    help: 'The folder in which a verification keeps its scratch server; it needs room for the largest database',
  },
  DAILY_BACKUPS: {
    kind: 'keep rule',
    default: '6',
    group: 'Backups',
    help: 'Daily backups kept of each database, and newest days of which one is kept (rolling)',
  },
  WEEKLY_BACKUPS: { kind: 'keep rule', default: '4', group: 'Backups', help: 'Weekly (Sunday) backups kept (rolling)' },
  MONTHLY_BACKUPS: {
    kind: 'keep rule',
    default: '1',
    group: 'Backups',
    help: 'Monthly (last day of the month) backups kept (rolling)',
  },
  YEARLY_BACKUPS: {
    kind: 'keep rule',
    default: '0',
    group: 'Backups',
    help: 'Yearly (last day of the year) backups kept (rolling); 0: that day is monthly',
  },
  NUM_BACKUPS: {
    kind: 'keep rule',
    default: '31',
    group: 'Backups',
    help: 'Backups kept of each database, and newest days of which one is kept (daily strategy)',
  },
  ALARM_ROWS: {
    kind: 'percentage',
    default: '33',
    group: 'Backups',
    help: 'A backup that has lost so many percent of all rows is an alarm, and nothing from before it is pruned; 0: none is',
  },
  ALARM_SIZE: {
    kind: 'percentage',
    default: '33',
    group: 'Backups',
    help: 'The same for the size of the dump',
  },
  TZ: {
    kind: 'time zone',
    default: 'UTC',
    group: 'Backups',
    help: 'The one zone of file names, tiers and schedules',
  },
  HOOKS_DIR: {
    kind: 'path',
    default: null,
    group: 'Backups',
    help: 'Folder of programs that run before and after backups; not on the volume, and writable by its owner only',
  },
  HOOK_TIMEOUT: {
    kind: 'hook time',
    default: '5m',
    group: 'Limits',
    help: 'How long one of these programs may take before it is ended, with all that it has started',
  },
  BACKUP_PERIOD: {
    kind: 'period',
    default: '1d',
    group: 'Service',
    help: 'Time between two backups when backup.conf holds no schedule; the first one runs at the start',
  },
  RUN_MISSED: {
    kind: 'yes or no',
    default: 'false',
    group: 'Service',
    help: 'Whether a run that was due while the container was down runs at its start; it is announced in any case',
  },
  SHUTDOWN_GRACE: {
    kind: 'duration',
    default: '20s',
    group: 'Service',
    help: "How long a run may go on after SIGTERM; keep it ten seconds below the pod's terminationGracePeriodSeconds",
  },
  HTTP_PORT: {
    kind: 'listening port',
    default: '8080',
    group: 'Service',
    help: 'Port of /livez, /readyz, /metrics and /status.json; 0 opens none',
  },
  SHARD_COUNT: {
    kind: 'positive count',
    default: '1',
    group: 'Service',
    help: 'Pods that share the databases of backup.conf; each backs up and verifies its part, and lists and prunes all',
  },
  SHARD_INDEX: {
    kind: 'count',
    default: null,
    computedDefault: 'JOB_COMPLETION_INDEX',
    group: 'Service',
    help: 'Which of them this one is, from 0',
  },
  JOB_COMPLETION_INDEX: {
    kind: 'count',
    default: null,
    group: 'Service',
    help: 'Set by Kubernetes in the pods of an Indexed Job',
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
  DATABASE_ADMIN_PASSWORD: {
    kind: 'text',
    default: null,
    group: 'Databases',
    secret: true,
    help: 'Password of the admin who restores, for every host that has none of its own; -a wins over it',
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
  DATABASE_SERVER_TIMEOUT: {
    kind: 'period',
    default: '2m',
    group: 'Limits',
    help: 'How long a verification waits for its scratch server to start',
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
  WEBHOOK_URL: {
    kind: 'URL',
    default: null,
    group: 'Notifications',
    secret: true,
    help: 'Incoming webhook of a chat server; without it nothing is posted',
  },
  WEBHOOK_FORMAT: {
    kind: 'webhook format',
    default: 'form',
    group: 'Notifications',
    help: 'form: what the bash tool posted; json: one body for Rocket.Chat, Slack and Mattermost',
  },
  NOTIFY_ON: {
    kind: 'occasion',
    default: 'all',
    group: 'Notifications',
    help: 'Which runs are posted: all, those that end differently from the one before, or those with a failure and the one that ends it',
  },
  CONSOLE_URL: {
    kind: 'URL',
    default: null,
    group: 'Notifications',
    help: 'Web page to which messages link; {project} in it stands for ENVIRONMENT_NAME',
  },
  PGDUTY_SVC_KEY: {
    kind: 'text',
    default: null,
    group: 'Notifications',
    secret: true,
    help: 'Integration key of a PagerDuty service; without it nobody is paged',
  },
  PGDUTY_URL: {
    kind: 'URL',
    default: 'https://events.pagerduty.com/generic/2010-04-15/create_event.json',
    group: 'Notifications',
    help: "PagerDuty's events API: with /v2/ in its path version 2, else version 1",
  },
  HEALTHCHECK_URL: {
    kind: 'URL',
    default: null,
    group: 'Notifications',
    secret: true,
    help: "Dead-man's switch for backup runs: called with /start, without, or with /fail",
  },
  HTTP_PROXY: {
    kind: 'text',
    default: null,
    group: 'Notifications',
    secret: true,
    help: 'Proxy for http addresses; the name in small letters wins',
  },
  HTTPS_PROXY: {
    kind: 'text',
    default: null,
    group: 'Notifications',
    secret: true,
    help: 'Proxy for https addresses, HTTP_PROXY if not set; the name in small letters wins',
  },
  NO_PROXY: {
    kind: 'text',
    default: null,
    group: 'Notifications',
    help: 'Hosts and domains reached without a proxy, by commas; address ranges are not understood',
  },
  FTP_URL: {
    kind: 'ftp address',
    default: null,
    group: 'Copies',
    help: 'Folder that copies go to by FTP, as seen from the login; ftp://host//path counts from the root of the server',
  },
  FTP_USER: { kind: 'text', default: null, group: 'Copies', help: 'User on the FTP server' },
  FTP_PASSWORD: { kind: 'text', default: null, group: 'Copies', secret: true, help: 'Password of that user' },
  FTP_CA_FILE: {
    kind: 'path',
    default: null,
    group: 'Copies',
    help: 'File of certificates that vouch for the FTP server, besides those that Node trusts (NODE_EXTRA_CA_CERTS)',
  },
  FTP_TLS: { kind: 'ftp tls', default: 'required', group: 'Copies', help: 'How the FTP connection is secured' },
  FTP_RETENTION: {
    kind: 'copy retention',
    default: 'keep',
    group: 'Copies',
    help: 'How long copies on the FTP server stay',
  },
  S3_ENDPOINT: { kind: 'server address', default: null, group: 'Copies', help: 'Server that copies go to by S3' },
  S3_USER: { kind: 'text', default: null, group: 'Copies', help: 'Access key of S3' },
  S3_PASSWORD: { kind: 'text', default: null, group: 'Copies', secret: true, help: 'Secret key of S3' },
  S3_BUCKET: { kind: 'text', default: null, group: 'Copies', help: 'Bucket that copies go to, or bucket/folder' },
  S3_PREFIX: {
    kind: 'text',
    default: null,
    group: 'Copies',
    help: 'What stands before the names in the bucket, such as a folder',
  },
  S3_REGION: { kind: 'text', default: 'us-east-1', group: 'Copies', help: 'Region that requests are signed for' },
  S3_PATH_STYLE: {
    kind: 'yes or no',
    default: 'true',
    group: 'Copies',
    help: 'Whether the bucket stands in the path (https://host/bucket) and not in the host name',
  },
  S3_CREATE_BUCKET: { kind: 'yes or no', default: 'false', group: 'Copies', help: 'Whether a missing bucket is made' },
  S3_RETENTION: {
    kind: 'copy retention',
    default: null,
    computedDefault: 'mirror if S3_PRUNE_BACKUPS is true, else keep',
    group: 'Copies',
    help: 'How long copies in S3 stay',
  },
  S3_PRUNE_BACKUPS: {
    kind: 'yes or no',
    default: null,
    group: 'Copies',
    help: 'The name of the bash tool: true means S3_RETENTION=mirror',
  },
  SFTP_URL: {
    kind: 'sftp address',
    default: null,
    group: 'Copies',
    help: 'Folder that copies go to by SFTP',
  },
  SFTP_KEY_FILE: { kind: 'path', default: null, group: 'Copies', help: 'File of the private key that logs in there' },
  SFTP_KEY_PASSPHRASE: {
    kind: 'text',
    default: null,
    group: 'Copies',
    secret: true,
    help: 'Passphrase of that key, where it has one',
  },
  SFTP_PASSWORD: {
    kind: 'text',
    default: null,
    group: 'Copies',
    secret: true,
    help: 'Password on the SFTP server, instead of the key, or besides it where the server asks for both',
  },
  SFTP_KNOWN_HOSTS_FILE: {
    kind: 'path',
    default: null,
    group: 'Copies',
    help: 'File of the host keys that the SFTP server may have, in the format of known_hosts; needed',
  },
  SFTP_RETENTION: {
    kind: 'copy retention',
    default: 'keep',
    group: 'Copies',
    help: 'How long copies on the SFTP server stay',
  },
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
  '<HOST>_ADMIN_USER': {
    kind: 'text',
    default: null,
    computedDefault: 'postgres',
    group: 'Databases',
    help: 'Who restores (-r) on that host: a superuser, or an owner with CREATEDB',
  },
  '<HOST>_ADMIN_PASSWORD': {
    kind: 'text',
    default: null,
    computedDefault: 'DATABASE_ADMIN_PASSWORD',
    group: 'Databases',
    secret: true,
    help: 'Password of that admin; -a wins over it',
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
export const SETTING_GROUPS: readonly SettingGroup[] = [
  'Backups',
  'Service',
  'Databases',
  'TLS',
  'Limits',
  'Notifications',
  'Copies',
  'Names and log',
]
