import { preloadSettings } from './preload.ts'

export interface ServerSettingsInput {
  readonly major: number
  readonly socketFolder: string
  /** See `preloadFor`. */
  readonly preload?: readonly string[]
}

/**
 * The configuration file of a scratch server: reached by its socket only, tuned for speed because nothing in it has to
 * survive, and never talking to anybody by itself.
 */
export function serverSettings({ major, socketFolder, preload = [] }: ServerSettingsInput): string {
  const folders = `"${socketFolder.replaceAll('"', '""')}"`
  const own = { unix_socket_directories: folders, ...since(major), ...preloadSettings(preload) }
  const settings = { ...REACH, ...SPEED, ...SIZE, ...QUIET, ...own }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`)
    .join('')
}

const REACH = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  // Enough for the loader's sessions and a dump. Every one of them makes the table of locks larger.
  max_connections: '40',
}

const SPEED = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  track_counts: 'off',
  bgwriter_lru_maxpages: '0',
  jit: 'off',
  checkpoint_timeout: '1d',
  // More is hardly faster, and has to fit on the volume beside the database.
  max_wal_size: '512MB',
  min_wal_size: '32MB',
}

const SIZE = {
  shared_buffers: '128MB',
  maintenance_work_mem: '128MB',
  work_mem: '16MB',
  huge_pages: 'off',
  // A pod's /dev/shm holds 64 MB. As files of the data folder they also go away with it, however the server ends.
  dynamic_shared_memory_type: 'mmap',
  // pg_dump locks every table in one transaction: together with max_connections 80 000 of them.
  max_locks_per_transaction: '2048',
}

const QUIET = {
  // After the crash of one session the others' work is worth nothing: better to end at once.
  restart_after_crash: 'off',
  // A subscription of the archive must not call its publisher.
  max_logical_replication_workers: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // What is logged is kept in memory, in bounded length, and would quote rows.
  logging_collector: 'off',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
}

function since(major: number): Record<string, string> {
  // The least of what is compared later depends on it, and it costs a worker per session.
  return major >= 18 ? { io_method: 'sync' } : {}
}
