import { adminAccess } from '../../config/admin-access.ts'
import { hostAccess, hostPrefix } from '../../config/credentials.ts'
import type { DatabaseTarget } from '../../config/database-target.ts'
import { Secret } from '../../config/secret.ts'
import { dropEmpty } from '../../config/setting-values.ts'
import { OperatorError } from '../../errors.ts'
import { WRONG_PASSWORD } from '../../sources/postgres/connection/connection-failure.ts'
import type { RestoreTarget } from '../../sources/postgres/restore/target-state.ts'
import { readSecretFile } from '../read-secret-file.ts'
import type { MeantByRestore } from './meant-by-restore.ts'
import type { RestoreOptions } from './restore-options.ts'

/** What is to be restored into, and what is known of the way there before anything is asked. */
export interface NamedTarget extends MeantByRestore {
  readonly adminUser: string
  /** Null: nothing says it, and a person is to be asked. */
  readonly adminPassword: KnownPassword | null
  /** The same by the user who is configured for this host, to look at it; null where user or password are not set. */
  readonly configured: RestoreTarget | null
  as(password: KnownPassword): RestoreTarget
}

type KnownPassword = Required<Pick<DatabaseTarget, 'password'>> & Pick<DatabaseTarget, 'passwordFrom'>

/**
 * Finds the admin's credentials for the target, whose host backup.conf need not list. The password comes from `-a`,
 * `<HOST>_ADMIN_PASSWORD`, DATABASE_ADMIN_PASSWORD, or is the configured user's, where that is the admin. Throws an
 * OperatorError of kind `configuration`, also where there is no password and nobody to ask.
 */
export function readTarget(
  { spec, of }: MeantByRestore,
  options: RestoreOptions,
  env: Readonly<Record<string, string | undefined>>,
): NamedTarget {
  const input = { env: dropEmpty(env), readSecretFile }
  const access = hostAccess(spec.host, input)
  const { tls, user, password } = access
  if (tls === null) throw configuration(access.tlsFrom ?? 'SSLMODE', 'it cannot be used; expected an sslmode')
  const by = (who: string, given: KnownPassword): RestoreTarget => ({
    ...{ spec, adminUser: admin.user, databaseUser: user },
    adminOf: database => ({ host: spec.host, port: spec.port, tls, database, user: who, ...given }),
  })
  const known = password === null ? null : { password, ...fromVariable(access.passwordFrom) }
  const admin = adminAccess(spec.host, input)
  const adminPassword = findPassword(options, admin, user === admin.user ? known : null)
  if (adminPassword === null && options.prompts === null && !options.dryRun) throw notSet(spec.host, admin.user)
  return {
    ...{ spec, of, adminUser: admin.user, adminPassword },
    configured: user === null || known === null ? null : by(user, known),
    as: given => by(admin.user, given),
  }
}

function findPassword(
  { adminPassword }: RestoreOptions,
  admin: ReturnType<typeof adminAccess>,
  configured: KnownPassword | null,
): KnownPassword | null {
  if (adminPassword !== null) return { password: adminPassword, passwordFrom: '-a' }
  if (admin.password !== null) return { password: admin.password, ...fromVariable(admin.passwordFrom) }
  const [broken] = admin.problems
  if (broken !== undefined) throw configuration(broken.place, broken.text)
  return configured
}

function fromVariable(name: string | null): Pick<DatabaseTarget, 'passwordFrom'> {
  return name === null ? {} : { passwordFrom: name }
}

const MOST_TRIES = 3

/**
 * Goes in as the admin by what `enter` does: with the password that is known, else with one that is typed, which may be
 * wrong or empty twice. Null when the question was left. Throws what `enter` throws, and an OperatorError of kind
 * `configuration` where nothing is typed.
 */
export async function enterAsAdmin<Entered>(
  named: NamedTarget,
  prompts: RestoreOptions['prompts'],
  enter: (target: RestoreTarget) => Promise<Entered>,
): Promise<Entered | null> {
  if (named.adminPassword !== null) return await enter(named.as(named.adminPassword))
  const question = `Password of ${named.adminUser} on ${named.spec.host}`
  let before = ''
  for (let left = MOST_TRIES - 1; ; left -= 1) {
    const typed = await prompts?.password(before + question)
    if (typed === null) return null
    try {
      if (!typed) throw notSet(named.spec.host, named.adminUser)
      return await enter(named.as({ password: new Secret(typed) }))
    } catch (error) {
      if (left === 0 || (typed && !isWrongPassword(error)) || prompts === null) throw error
    }
    before = `${typed ? 'That was not it' : 'Nothing was typed'}, ${left === 1 ? 'one try is' : 'two tries are'} left. `
  }
}

function isWrongPassword(error: unknown): boolean {
  return error instanceof OperatorError && error.sqlstate === WRONG_PASSWORD
}

function notSet(host: string, user: string): OperatorError {
  const text = `neither it nor DATABASE_ADMIN_PASSWORD is set; expected the password of ${user} on ${host}`
  return configuration(`${hostPrefix(host)}_ADMIN_PASSWORD`, text)
}

function configuration(place: string, text: string): OperatorError {
  return new OperatorError('configuration', `${place}: ${text}`)
}
