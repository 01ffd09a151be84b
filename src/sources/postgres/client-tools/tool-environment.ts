import type { DatabaseTarget } from '../../../config/database-target.ts'
import { childEnvironment } from '../../../system/process.ts'
import { startupOptions } from '../connection/connection.ts'
import { DUMP_SESSION } from '../connection/session-parameters.ts'
import { tlsFiles } from '../connection/tls-options.ts'

/** TCP keepalives have no environment variable; the string names neither the database nor a secret. */
const KEEPALIVES = 'keepalives=1 keepalives_idle=30 keepalives_interval=10 keepalives_count=6'

export interface ToolEnvironmentOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Shown in pg_stat_activity, cut at 63 bytes there. */
  readonly applicationName: string
  readonly clientEncoding: string
  /** Server parameters of this session besides those that every dump has. */
  readonly parameters?: Readonly<Record<string, string>>
}

/**
 * The whole environment of a libpq tool: where to connect, as whom, and the session of a dump. The only secret is
 * PGPASSWORD. No password file, service file or ticket of somebody else is used.
 */
export function toolEnvironment(target: DatabaseTarget, options: ToolEnvironmentOptions): Record<string, string> {
  return {
    ...withoutLocale(childEnvironment(options.env)),
    ...passedOn(options.env),
    ...tlsEnvironment(target, options.env),
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGPASSWORD: target.password.reveal(),
    PGDATABASE: target.database,
    PGPASSFILE: '/dev/null',
    PGSERVICEFILE: '/dev/null',
    PGGSSENCMODE: 'disable',
    PGCONNECT_TIMEOUT: options.env.PGCONNECT_TIMEOUT ?? '15',
    PGAPPNAME: options.applicationName,
    PGCLIENTENCODING: options.clientEncoding,
    PGTZ: 'UTC',
    PGOPTIONS: startupOptions({ ...DUMP_SESSION, ...options.parameters }),
  }
}

/** The argument that switches TCP keepalives on; the database comes from PGDATABASE, whatever its name looks like. */
export function keepaliveArgument(): string {
  return `--dbname=${KEEPALIVES}`
}

/** The database as a connection string in which no character of its name has a meaning, with keepalives. */
export function databaseConnectionString(database: string): string {
  const escaped = database.replace(/[\\']/g, character => `\\${character}`)
  return `dbname='${escaped}' ${KEEPALIVES}`
}

function passedOn(env: ToolEnvironmentOptions['env']): Record<string, string> {
  const names = Object.keys(env).filter(name => name.startsWith('PGSSL') || name === 'PGTARGETSESSIONATTRS')
  return Object.fromEntries(names.map(name => [name, env[name] ?? '']).filter(([, value]) => value !== ''))
}

function tlsEnvironment(target: DatabaseTarget, env: ToolEnvironmentOptions['env']): Record<string, string> {
  const files = tlsFiles(target.tls, env)
  return {
    PGSSLMODE: target.tls.mode,
    ...(files.rootCertificate === null ? {} : { PGSSLROOTCERT: files.rootCertificate }),
    ...(files.certificate === null ? {} : { PGSSLCERT: files.certificate }),
    ...(files.key === null ? {} : { PGSSLKEY: files.key }),
  }
}

function withoutLocale(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(LC_|LANG|TZ)/.test(name)))
}
