import { hostPrefix } from './credentials.ts'
import type { Problem } from './problem.ts'
import { Secret } from './secret.ts'
import { readSecret, type SecretInput } from './secret-value.ts'

/** Who restores on one host. */
export interface AdminAccess {
  readonly user: string
  /** Null where none is set: a person can be asked. */
  readonly password: Secret | null
  /** The variable that gave the password. */
  readonly passwordFrom: string | null
  readonly problems: readonly Problem[]
}

const DEFAULT_ADMIN_USER = 'postgres'

/** The admin of a host: `<HOST>_ADMIN_USER`, else postgres; `<HOST>_ADMIN_PASSWORD`, else DATABASE_ADMIN_PASSWORD. */
export function adminAccess(host: string, input: SecretInput): AdminAccess {
  const prefix = hostPrefix(host)
  const user = input.env[`${prefix}_ADMIN_USER`] ?? DEFAULT_ADMIN_USER
  const own = readSecret(`${prefix}_ADMIN_PASSWORD`, input)
  const found = own.from === null ? readSecret('DATABASE_ADMIN_PASSWORD', input) : own
  return {
    user,
    password: found.value === null ? null : new Secret(found.value),
    passwordFrom: found.from,
    problems: found.problems,
  }
}

/** Every admin's password that stands in the environment itself: no line of a log may hold one. */
export function adminSecrets(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => (value && name.endsWith('_ADMIN_PASSWORD') ? [value] : []))
}
