import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Secret } from '../../config/secret.ts'
import type { SftpSettings } from '../../config/sftp-settings.ts'
import { fileWords, OperatorError } from '../../errors.ts'
import { readPlainFileSync } from '../../system/plain-file.ts'
import { MOST_BYTES } from '../../system/size-limits.ts'
import { hasUserName, passwdLine, wrappedNames } from '../../system/user-name.ts'
import { volumeError } from '../../volume-error.ts'
import { ASKPASS, LOGIN_FILES } from './ssh-command.ts'

/** What ssh needs for one login, in a folder that nobody else can look into. It goes, with the secrets in it, when this is disposed of. */
export interface LoginFolder extends AsyncDisposable {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

/** Throws an OperatorError of kind `configuration` where a file of the settings can't be read, and of kind `volume` or `space`. */
export async function makeLoginFolder(settings: SftpSettings): Promise<LoginFolder> {
  requireReadable('SFTP_KNOWN_HOSTS_FILE', settings.knownHostsFile)
  if (settings.keyFile !== null) requireReadable('SFTP_KEY_FILE', settings.keyFile)
  const path = await mkdtemp(join(tmpdir(), 'backup-sftp-')).catch((error: unknown) => {
    throw volumeError(error, `TMPDIR ${tmpdir()}`)
  })
  const discard = (): Promise<void> => rm(path, { recursive: true, force: true }).catch(() => {})
  try {
    await fill(path, settings)
  } catch (error) {
    await discard()
    throw volumeError(error, `TMPDIR ${tmpdir()}`)
  }
  const named = hasUserName() ? {} : wrappedNames(join(path, LOGIN_FILES.passwd))
  const asking = { SSH_ASKPASS: join(path, LOGIN_FILES.askpass), SSH_ASKPASS_REQUIRE: 'force' }
  return { path, env: { ...named, ...asking }, [Symbol.asyncDispose]: discard }
}

/** ssh takes a file that is not there for one that knows no host, or for no key. */
function requireReadable(variable: string, file: string): void {
  try {
    readPlainFileSync(file, { mostBytes: MOST_BYTES.certificates, links: 'follow' })
  } catch (error) {
    throw new OperatorError('configuration', `${variable}: ${file}: ${fileWords(error)}`)
  }
}

async function fill(path: string, { knownHostsFile, keyFile, passphrase, password }: SftpSettings): Promise<void> {
  const writePrivate = (name: string, text: string, mode = 0o600): Promise<void> =>
    writeFile(join(path, name), text, { mode, flag: 'wx' })
  const secret = async (name: string, value: Secret | null): Promise<void> => {
    if (value !== null) await writePrivate(name, `${value.reveal()}\n`)
  }
  await symlink(resolve(knownHostsFile), join(path, LOGIN_FILES.knownHosts))
  if (keyFile !== null) await symlink(resolve(keyFile), join(path, LOGIN_FILES.key))
  await writePrivate(LOGIN_FILES.askpass, ASKPASS, 0o700)
  await secret(LOGIN_FILES.passphrase, passphrase)
  await secret(LOGIN_FILES.password, password)
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, home: path }
  await writePrivate(LOGIN_FILES.passwd, passwdLine(own))
}
