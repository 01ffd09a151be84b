import { adminAccess } from '../../config/admin-access.ts'
import { hostAccess, hostPrefix } from '../../config/credentials.ts'
import { Secret } from '../../config/secret.ts'
import { dropEmpty } from '../../config/setting-values.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { parseSpecArgument } from '../../config/spec-argument.ts'
import { OperatorError } from '../../errors.ts'
import type { RestoreTarget } from '../../sources/postgres/restore/target-state.ts'
import { readSecretFile } from '../read-secret-file.ts'
import type { RestoreOptions } from './restore-options.ts'

/**
 * Reads SPEC and finds the admin's credentials, for hosts that backup.conf does not list too. The password comes from
 * `-a`, `<HOST>_ADMIN_PASSWORD`, DATABASE_ADMIN_PASSWORD, or whoever sits at the terminal. Throws an OperatorError of kind
 * `usage` or `configuration`.
 */
export async function findTarget(
  options: RestoreOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<RestoreTarget> {
  const spec = readSpec(options.spec)
  const input = { env: dropEmpty(env), readSecretFile }
  const { tls, tlsFrom, user } = hostAccess(spec.host, input)
  if (tls === null) throw configuration(tlsFrom ?? 'SSLMODE', 'it cannot be used; expected an sslmode')
  const admin = adminAccess(spec.host, input)
  const broken = admin.password === null ? admin.problems[0] : undefined
  if (options.adminPassword === null && broken !== undefined) throw configuration(broken.place, broken.text)
  const password = options.adminPassword ?? admin.password ?? (await askPassword(spec, admin.user, options))
  return {
    spec,
    adminUser: admin.user,
    databaseUser: user,
    adminOf: database => ({ host: spec.host, port: spec.port, database, user: admin.user, password, tls }),
  }
}

function readSpec(text: string): NamedDatabase {
  const parsed = parseSpecArgument(text)
  if ('spec' in parsed) return parsed.spec
  throw new OperatorError('usage', `-r: ${parsed.fault}`, parsed.hint === undefined ? {} : { hint: parsed.hint })
}

async function askPassword(spec: NamedDatabase, user: string, { prompts }: RestoreOptions): Promise<Secret> {
  const answer = (await prompts?.password(`Password of ${user} on ${spec.host}`)) ?? null
  if (answer !== null) return new Secret(answer)
  throw configuration(
    `${hostPrefix(spec.host)}_ADMIN_PASSWORD`,
    `neither it nor DATABASE_ADMIN_PASSWORD is set; expected the password of ${user} on ${spec.host}`,
  )
}

function configuration(place: string, text: string): OperatorError {
  return new OperatorError('configuration', `${place}: ${text}`)
}
