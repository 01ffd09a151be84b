import { existsSync } from 'node:fs'
import path from 'node:path'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import type { SslMode, TlsSettings } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import { readPlainFileSync } from '../../../system/plain-file.ts'
import { MOST_BYTES } from '../../../system/size-limits.ts'

/** Where Linux distributions keep the certificates that `sslrootcert=system` means. */
const SYSTEM_CERTIFICATES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
]

/** The paths that libpq would use: those of the settings, else the files in `~/.postgresql` that exist. */
export interface TlsFiles {
  readonly rootCertificate: string | null
  readonly certificate: string | null
  readonly key: string | null
}

type Environment = Readonly<Record<string, string | undefined>>

/** Which files secure a connection; the word `system` becomes the path of the system's bundle. */
export function tlsFiles(tls: TlsSettings, env: Environment): TlsFiles {
  const own = (name: string): string | null => {
    const file = env.HOME === undefined ? '' : path.join(env.HOME, '.postgresql', name)
    return file !== '' && existsSync(file) ? file : null
  }
  return {
    rootCertificate:
      tls.rootCertificate === 'system' ? systemCertificates(env) : (tls.rootCertificate ?? own('root.crt')),
    certificate: tls.certificate ?? own('postgresql.crt'),
    key: tls.key ?? own('postgresql.key'),
  }
}

/**
 * The ways in which libpq would try to connect under this mode, in its order; false is without TLS. As there, a root
 * certificate that exists is checked in every mode, and without one only the verifying modes check anything
 * (PostgreSQL manual, "SSL Support", table 34.1). Throws OperatorError('configuration').
 */
export function tlsAttempts(host: string, tls: TlsSettings, env: Environment): readonly (ConnectionOptions | false)[] {
  switch (tls.mode) {
    case 'disable':
      return [false]
    case 'allow':
      return [false, secured(host, tls, env)]
    case 'prefer':
      return [secured(host, tls, env), false]
    case 'require':
    case 'verify-ca':
    case 'verify-full':
      return [secured(host, tls, env)]
  }
}

function secured(host: string, tls: TlsSettings, env: Environment): ConnectionOptions {
  const files = tlsFiles(tls, env)
  if (tls.rootCertificate === 'system' && tls.mode !== 'verify-full') {
    throw new OperatorError(
      'configuration',
      `tls of ${host}: mode ${tls.mode} with the root certificate "system"; expected verify-full`,
    )
  }
  const root = rootCertificate(host, tls.mode, files.rootCertificate)
  return {
    rejectUnauthorized: root !== null,
    ...(root === null ? {} : { ca: root }),
    ...(files.certificate === null ? {} : { cert: readTlsFile(host, files.certificate) }),
    ...(files.key === null || files.certificate === null ? {} : { key: readTlsFile(host, files.key) }),
    checkServerIdentity:
      tls.mode === 'verify-full' ? (_, certificate) => checkServerIdentity(host, certificate) : () => undefined,
  }
}

function rootCertificate(host: string, mode: SslMode, file: string | null): Buffer | null {
  const verifies = mode === 'verify-ca' || mode === 'verify-full'
  if (file !== null && (verifies || existsSync(file))) return readTlsFile(host, file)
  if (!verifies) return null
  throw new OperatorError(
    'configuration',
    `tls of ${host}: mode ${mode} and no root certificate; expected a file in SSLROOTCERT, or "system"`,
  )
}

function readTlsFile(host: string, file: string): Buffer {
  try {
    return readPlainFileSync(file, { mostBytes: MOST_BYTES.certificates, links: 'follow' })
  } catch {
    throw new OperatorError(
      'configuration',
      `tls of ${host}: file ${file} can't be read; expected a certificate or key in PEM format`,
    )
  }
}

function systemCertificates(env: Environment): string | null {
  return [env.SSL_CERT_FILE, ...SYSTEM_CERTIFICATES].find(file => file !== undefined && existsSync(file)) ?? null
}
