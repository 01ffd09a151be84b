import type { FailureKind } from '../../../errors.ts'

/** One message of a server or of libpq whose quoted parts are names of objects, never data, so that it may be repeated. */
export interface MessageShape {
  /** Matches the whole message, without severity; the group `object` is the name of the object in question. */
  readonly pattern: RegExp
  readonly kind: FailureKind
  readonly sqlstate: string | null
  readonly hint?: string
}

const DIRECT = 'name the database server itself in backup.conf: a backup needs a direct connection, not a pooler'
const STANDBY = 'back up the primary, or set max_standby_streaming_delay and hot_standby_feedback on this standby'
const CREDENTIALS = 'check user and password of this host'
const TLS = 'check SSLMODE and SSLROOTCERT of this host'

/** Texts of PostgreSQL 10 to 18 in English; the client's own are always English, because its tools run with LC_ALL=C.UTF-8. */
export const messageShapes: readonly MessageShape[] = [
  {
    pattern: /^password authentication failed for user "(?<object>.+)"$/s,
    kind: 'authentication',
    sqlstate: '28P01',
    hint: CREDENTIALS,
  },
  { pattern: /^fe_sendauth: no password supplied$/, kind: 'authentication', sqlstate: '28P01', hint: CREDENTIALS },
  { pattern: /^role "(?<object>.+)" does not exist$/s, kind: 'authentication', sqlstate: '28000', hint: CREDENTIALS },
  { pattern: /^role "(?<object>.+)" is not permitted to log in$/s, kind: 'authentication', sqlstate: '28000' },
  {
    pattern: /^(no pg_hba\.conf entry|pg_hba\.conf rejects connection) for host .*$/s,
    kind: 'authentication',
    sqlstate: '28000',
    hint: "the server's pg_hba.conf must allow this pod, user, database and encryption",
  },
  {
    pattern: /^database "(?<object>.+)" does not exist$/s,
    kind: 'configuration',
    sqlstate: '3D000',
    hint: 'check the database name in backup.conf',
  },
  {
    pattern: /^permission denied for ([a-z]+ )+"?(?<object>.+?)"?$/s,
    kind: 'rights',
    sqlstate: '42501',
    hint: 'grant this role what is missing, or back up as the owner',
  },
  { pattern: /^permission denied to [a-z ]+$/, kind: 'rights', sqlstate: '42501' },
  {
    pattern: /^query would be affected by row-level security policy for table "(?<object>.+)"$/s,
    kind: 'rights',
    sqlstate: '42501',
    hint: 'back up as the owner of the table, or as a role with BYPASSRLS: otherwise rows would be missing',
  },
  { pattern: /^must be (superuser|owner of|member of role|a member of) .*$/s, kind: 'rights', sqlstate: '42501' },
  {
    pattern: /^canceling statement due to lock timeout$/,
    kind: 'lock-timeout',
    sqlstate: '55P03',
    hint: 'another session held a lock for longer than LOCK_WAIT_TIMEOUT',
  },
  // pg_dump sets statement_timeout for its LOCK TABLE only, and turns it off for everything else.
  {
    pattern: /^canceling statement due to statement timeout$/,
    kind: 'lock-timeout',
    sqlstate: '57014',
    hint: 'another session held a lock on a table for longer than LOCK_WAIT_TIMEOUT',
  },
  {
    pattern: /^(canceling statement|terminating connection) due to conflict with recovery$/,
    kind: 'connection',
    sqlstate: '40001',
    hint: STANDBY,
  },
  {
    pattern: /^cannot access temporary or unlogged relations during recovery$/,
    kind: 'server',
    sqlstate: '0A000',
    hint: 'a standby has no data of unlogged tables: back up the primary',
  },
  {
    pattern: /^terminating connection due to (administrator command|unexpected postmaster exit)$/,
    kind: 'connection',
    sqlstate: '57P01',
  },
  {
    pattern: /^terminating connection because of crash of another server process$/,
    kind: 'connection',
    sqlstate: '57P02',
  },
  {
    pattern: /^the database system is (starting up|shutting down|in recovery mode|not (yet )?accepting connections)$/,
    kind: 'connection',
    sqlstate: '57P03',
  },
  {
    pattern: /^(sorry, )?too many (clients already|connections for (role|database) "(?<object>.+)")$/s,
    kind: 'connection',
    sqlstate: '53300',
  },
  { pattern: /^remaining connection slots are reserved for .*$/, kind: 'connection', sqlstate: '53300' },
  {
    pattern: /^could not translate host name "(?<object>.+)" to address: .*$/,
    kind: 'connection',
    sqlstate: null,
    hint: 'check the host name in backup.conf',
  },
  {
    pattern:
      /^(Connection refused|Connection reset by peer|Connection timed out|No route to host|Network is unreachable|Broken pipe|timeout expired)$/,
    kind: 'connection',
    sqlstate: null,
  },
  { pattern: /^could not connect to database ".*"$/s, kind: 'connection', sqlstate: null },
  { pattern: /^server closed the connection unexpectedly$/, kind: 'connection', sqlstate: '08006' },
  {
    pattern:
      /^(could not (connect to server|receive data from server|send data to server)|SSL SYSCALL error): [A-Za-z ]+$/,
    kind: 'connection',
    sqlstate: '08006',
  },
  {
    pattern:
      /^(SSL connection has been closed unexpectedly|no connection to the server|connection not open|lost synchronization with server.*)$/,
    kind: 'connection',
    sqlstate: '08006',
  },
  {
    pattern: /^session is read-only$|^server is (in hot standby mode|not in hot standby mode)$/,
    kind: 'configuration',
    sqlstate: null,
    hint: 'PGTARGETSESSIONATTRS asks for another server than this one',
  },
  {
    pattern: /^SSL error: (certificate verify failed|tlsv1 .*|sslv3 .*|unsupported protocol|wrong version number)$/,
    kind: 'configuration',
    sqlstate: null,
    hint: TLS,
  },
  {
    pattern: /^server certificate for ".*" .*does not match host name ".*"$/,
    kind: 'configuration',
    sqlstate: null,
    hint: TLS,
  },
  { pattern: /^server does not support SSL, but SSL was required$/, kind: 'configuration', sqlstate: null, hint: TLS },
  { pattern: /^root certificate file ".*" does not exist$/, kind: 'configuration', sqlstate: null, hint: TLS },
  { pattern: /^unsupported startup parameter( in options)?: [\w.]+$/, kind: 'server', sqlstate: '08P01', hint: DIRECT },
  {
    pattern: /^aborting because of server version mismatch$/,
    kind: 'tools',
    sqlstate: null,
    hint: "install the PostgreSQL client of the server's major version",
  },
  { pattern: /^schema "(?<object>.+)" does not exist$/s, kind: 'server', sqlstate: '3F000' },
  {
    pattern: /^(relation|type|function|operator|extension|access method|tablespace) "(?<object>.+)" does not exist$/s,
    kind: 'server',
    sqlstate: null,
  },
  {
    pattern: /^could not access file "(?<object>[^"]*)": No such file or directory$/,
    kind: 'server',
    sqlstate: '58P01',
    hint: "a library is not installed on the server: of an extension, or one that every session of the database or the role is to load (ALTER DATABASE … RESET session_preload_libraries, ALTER DATABASE … RESET local_preload_libraries, ALTER ROLE … likewise; an empty name comes of SET … = '')",
  },
  {
    pattern: /^could not open relation with OID \d+$/,
    kind: 'server',
    sqlstate: 'XX000',
    hint: 'an object was dropped while the dump began: run the backup again',
  },
  {
    pattern: /^cache lookup failed for [a-z ]+ \d+$/,
    kind: 'server',
    sqlstate: 'XX000',
    hint: 'an object was dropped while the dump began: run the backup again',
  },
  {
    pattern: /^out of shared memory$/,
    kind: 'server',
    sqlstate: '53200',
    hint: 'the server needs a higher max_locks_per_transaction for this many tables',
  },
  {
    pattern: /^invalid page in block \d+ of relation (?<object>[\w/]+)$/,
    kind: 'server',
    sqlstate: 'XX001',
    hint: 'the data of this server is damaged: act at once, and keep the older archives',
  },
  {
    pattern: /^could not read block \d+ in file "(?<object>[\w/.]+)": .*$/,
    kind: 'server',
    sqlstate: 'XX001',
    hint: 'the data of this server is damaged: act at once, and keep the older archives',
  },
  {
    pattern: /^missing chunk number \d+ for toast value \d+ in (?<object>\w+)$/,
    kind: 'server',
    sqlstate: 'XX001',
    hint: 'the data of this server is damaged: act at once, and keep the older archives',
  },
]

/** What a SQLSTATE means for us, whatever the language of the server's messages. Null: nothing in particular. */
export function kindOfSqlstate(sqlstate: string): FailureKind | null {
  if (sqlstate === '55P03') return 'lock-timeout'
  if (sqlstate === '42501') return 'rights'
  if (sqlstate === '3D000') return 'configuration'
  if (sqlstate === '53300' || sqlstate === '40001' || /^57P0[1-5]$/.test(sqlstate)) return 'connection'
  if (sqlstate.startsWith('28')) return 'authentication'
  return sqlstate !== '08P01' && sqlstate.startsWith('08') ? 'connection' : null
}
