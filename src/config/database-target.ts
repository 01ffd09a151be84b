import type { Secret } from './secret.ts'

/** The words of libpq's `sslmode`, with libpq's meaning. */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

/** How a connection to one host is protected. Paths are those of files in the container. */
export interface TlsSettings {
  readonly mode: SslMode
  readonly rootCertificate?: string
  readonly certificate?: string
  readonly key?: string
}

/** One database that is backed up: where it is and who reads it. */
export interface DatabaseTarget {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: Secret
  /** The variable or flag that gave the password; absent where a person typed it, or we made it ourselves. */
  readonly passwordFrom?: string
  readonly tls: TlsSettings
}

/** `host/database`, with the port only where it is not 5432: the words in which people name a database. */
export function targetName(target: Pick<DatabaseTarget, 'host' | 'port' | 'database'>): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  const port = target.port === 5432 ? '' : `:${target.port}`
  return `${host}${port}/${target.database}`
}
