import { isProblem, type Problem } from './problem.ts'
import { type CopyRetention, missing, problem, type ReadDestination } from './read-destination.ts'
import { Secret } from './secret.ts'
import { type FoundSecret, readSecret, type SecretInput } from './secret-value.ts'
import type { SftpAddress } from './sftp-address.ts'

export interface SftpSettings {
  readonly name: 'sftp'
  readonly address: SftpAddress
  /** Path of the private key; null: the password alone. */
  readonly keyFile: string | null
  /** What the key is locked with. */
  readonly passphrase: Secret | null
  readonly password: Secret | null
  /** Path of the keys that the server may have. */
  readonly knownHostsFile: string
  readonly retention: CopyRetention
}

/** What the variables of this destination say, each read by itself. */
export interface SftpValues {
  readonly SFTP_URL: SftpAddress | null
  readonly SFTP_KEY_FILE: string | null
  readonly SFTP_KNOWN_HOSTS_FILE: string | null
  readonly SFTP_RETENTION: CopyRetention | null
}

const CONSEQUENCE = 'no copies are sent by SFTP'

/** Copies by SFTP are asked for by `SFTP_URL`. They need known hosts, and a key or a password. */
export function sftpSettings(values: SftpValues, input: SecretInput): ReadDestination<SftpSettings> {
  const { SFTP_URL: address, SFTP_KEY_FILE: keyFile, SFTP_KNOWN_HOSTS_FILE: knownHostsFile } = values
  if (address === null) return { settings: null, problems: [] }
  const passphrase = readSecret('SFTP_KEY_PASSPHRASE', input)
  const password = readSecret('SFTP_PASSWORD', input)
  const login = password.from === null ? { SFTP_KEY_FILE: keyFile } : {}
  const problems = [
    ...missing({ SFTP_KNOWN_HOSTS_FILE: knownHostsFile, ...login }, { values, input }, CONSEQUENCE),
    ...[passphrase, password].flatMap(each => each.problems),
    ...lineProblems({ SFTP_KEY_PASSPHRASE: passphrase, SFTP_PASSWORD: password }),
    ...unusedPassphrase(keyFile, passphrase),
  ]
  if (knownHostsFile === null || problems.some(isProblem)) return { settings: null, problems }
  const secrets = { passphrase: secretOf(passphrase), password: secretOf(password) }
  const retention = values.SFTP_RETENTION ?? 'keep'
  return { settings: { name: 'sftp', address, keyFile, ...secrets, knownHostsFile, retention }, problems }
}

function secretOf({ value }: FoundSecret): Secret | null {
  return value === null ? null : new Secret(value)
}

/** ssh reads one line. */
function lineProblems(secrets: Readonly<Record<string, FoundSecret>>): readonly Problem[] {
  return Object.entries(secrets)
    .filter(([, { value }]) => value !== null && /[\r\n\0]/.test(value))
    .map(([name]) => problem(name, 'it has more than one line; expected one', CONSEQUENCE))
}

function unusedPassphrase(keyFile: string | null, { from }: FoundSecret): readonly Problem[] {
  if (keyFile !== null || from === null) return []
  return [{ severity: 'warning', place: from, text: 'set without SFTP_KEY_FILE; expected the key that it opens' }]
}
