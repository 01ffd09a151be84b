import type { SslMode, TlsSettings } from './database-target.ts'
import type { Problem } from './problem.ts'
import { Secret } from './secret.ts'
import { readSecret } from './secret-value.ts'
import { readValue } from './setting-values.ts'

/** Who may read the databases of one host, and which variables say so; null where nothing usable was found. */
export interface HostAccess {
  readonly user: string | null
  readonly userFrom: string | null
  readonly password: Secret | null
  readonly passwordFrom: string | null
  /** Null when the mode could not be read: a laxer one might send the password unprotected. */
  readonly tls: TlsSettings | null
  /** Null: nothing is set, so it is libpq's `prefer`. */
  readonly tlsFrom: string | null
  readonly problems: readonly Problem[]
}

export interface AccessInput {
  readonly env: Readonly<Record<string, string>>
  readonly readSecretFile: (path: string) => string
}

/**
 * What a host's variables begin with: upper case, every character outside A-Z and 0-9 an underscore, and an underscore
 * before a leading digit. Different hosts can share a prefix.
 */
export function hostPrefix(host: string): string {
  return host
    .toUpperCase()
    .replace(/[^A-Z0-9]/gu, '_')
    .replace(/^(?=\d)/, '_')
}

/** Finds user, password and TLS of one host: its own variables, else DATABASE_*, else PGSSL*. `<HOST>_PORT` is never read. */
export function hostAccess(host: string, input: AccessInput): HostAccess {
  const prefix = hostPrefix(host)
  const problems: Problem[] = []
  const userFrom = firstSet(input.env, [`${prefix}_USER`, 'DATABASE_USER'])
  if (userFrom === null) problems.push(missing(`${prefix}_USER`, 'DATABASE_USER', `the user who reads ${host}`))
  const password = findPassword(host, prefix, input)
  const tls = findTls(prefix, input.env)
  problems.push(...password.problems, ...tls.problems, ...mixedPair(prefix, userFrom, password.from))
  return {
    user: userFrom === null ? null : (input.env[userFrom] ?? null),
    userFrom,
    password: password.value === null ? null : new Secret(password.value),
    passwordFrom: password.from,
    tls: tls.value,
    tlsFrom: tls.from,
    problems,
  }
}

/** One warning for each prefix that several hosts share, since they then share user and password. */
export function sharedPrefixes(hosts: readonly string[]): readonly Problem[] {
  const byPrefix = Map.groupBy(new Set(hosts), hostPrefix)
  return [...byPrefix]
    .filter(([, sharing]) => sharing.length > 1)
    .map(([prefix, sharing]) => ({
      severity: 'warning',
      place: `${prefix}_USER`,
      text: `the hosts ${sharing.join(', ')} share this variable; expected hosts whose names differ in letters or digits`,
    }))
}

function findPassword(host: string, prefix: string, input: AccessInput): ReturnType<typeof readSecret> {
  const own = readSecret(`${prefix}_PASSWORD`, input)
  if (own.from !== null) return own
  const common = readSecret('DATABASE_PASSWORD', input)
  if (common.from !== null) return common
  const problem = missing(`${prefix}_PASSWORD`, 'DATABASE_PASSWORD', `the password of that user on ${host}`)
  return { value: null, from: null, problems: [problem] }
}

function findTls(
  prefix: string,
  env: AccessInput['env'],
): { value: TlsSettings | null; from: string | null; problems: Problem[] } {
  const from = firstSet(env, [`${prefix}_SSLMODE`, 'DATABASE_SSLMODE', 'PGSSLMODE'])
  const read = from === null ? { value: 'prefer' as SslMode } : readValue('sslmode', from, env[from] ?? '')
  if ('problem' in read) {
    return { value: null, from, problems: [{ ...read.problem, hint: 'databases that depend on it are not tried' }] }
  }
  const root = firstSet(env, [`${prefix}_SSLROOTCERT`, 'DATABASE_SSLROOTCERT', 'PGSSLROOTCERT'])
  const rootCertificate = root === null ? undefined : env[root]
  const value: TlsSettings = {
    mode: read.value,
    ...(rootCertificate === undefined ? {} : { rootCertificate }),
    ...(env.PGSSLCERT === undefined ? {} : { certificate: env.PGSSLCERT }),
    ...(env.PGSSLKEY === undefined ? {} : { key: env.PGSSLKEY }),
  }
  return { value, from, problems: [] }
}

/** One host's user with everybody's password works in some setups and is a forgotten variable in most. */
function mixedPair(prefix: string, userFrom: string | null, passwordFrom: string | null): readonly Problem[] {
  const ownUser = userFrom === `${prefix}_USER`
  const ownPassword = passwordFrom?.startsWith(`${prefix}_PASSWORD`) === true
  if (userFrom === null || passwordFrom === null || ownUser === ownPassword) return []
  const absent = ownUser ? `${prefix}_PASSWORD` : `${prefix}_USER`
  const text = `not set, so ${userFrom} is used with ${passwordFrom}; expected both of this host or neither`
  return [{ severity: 'warning', place: absent, text }]
}

function missing(name: string, fallback: string, expected: string): Problem {
  return { severity: 'problem', place: name, text: `neither it nor ${fallback} is set; expected ${expected}` }
}

function firstSet(env: AccessInput['env'], names: readonly string[]): string | null {
  return names.find(name => env[name] !== undefined) ?? null
}
