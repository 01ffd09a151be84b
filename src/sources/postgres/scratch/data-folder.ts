import { chmod, chown, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Secret } from '../../../config/secret.ts'
import { type FailureKind, OperatorError } from '../../../errors.ts'
import { runTool, type ToolExit } from '../../../system/process.ts'
import { passwdLine, wrappedNames } from '../../../system/user-name.ts'
import type { ScratchPlace } from './scratch-place.ts'
import type { ServerBinaries } from './server-binaries.ts'
import { serverEnvironment } from './server-environment.ts'
import { serverSettings } from './server-settings.ts'
import { asServerUser, type ServerUser } from './server-user.ts'

const INITDB_TIMEOUT_MS = 120_000

export interface DataFolderInput {
  readonly place: ScratchPlace
  readonly binaries: ServerBinaries
  readonly user: ServerUser
  readonly superuser: string
  readonly password: Secret
  readonly env: Readonly<Record<string, string | undefined>>
  /** See `preloadFor`. */
  readonly preload?: readonly string[]
}

/** Runs `initdb` and writes the configuration. Throws OperatorError with what to do; the tool's words go to the log. */
export async function makeDataFolder(input: DataFolderInput, signal: AbortSignal): Promise<void> {
  const { place, user } = input
  const passwordFile = path.join(place.folder, 'password')
  const passwdFile = path.join(place.folder, 'passwd')
  try {
    await writeFor(user, passwordFile, `${input.password.reveal()}\n`)
    if (!user.isNamed) await writeFor(user, passwdFile, passwdLine({ ...user, home: '/' }))
    const exit = await runTool(initdb(input, { passwordFile, passwdFile }), { timeoutMs: INITDB_TIMEOUT_MS }, signal)
    signal.throwIfAborted()
    if (exit.code !== 0) throw initdbFailure(exit, path.dirname(place.folder))
  } finally {
    await rm(passwordFile, { force: true })
    await rm(passwdFile, { force: true })
  }
  await chmod(place.dataFolder, 0o700)
  await configure(input)
}

async function configure({ place, user, binaries, preload = [] }: DataFolderInput): Promise<void> {
  const write = (name: string, text: string): Promise<void> => writeFor(user, path.join(place.dataFolder, name), text)
  await write('postgresql.conf', serverSettings({ major: binaries.major, socketFolder: place.socketFolder, preload }))
  await write('pg_hba.conf', 'local all all scram-sha-256\n')
}

function initdb(input: DataFolderInput, files: { readonly passwordFile: string; readonly passwdFile: string }) {
  const args = [
    `--pgdata=${input.place.dataFolder}`,
    `--username=${input.superuser}`,
    `--pwfile=${files.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    // From 18 on they are the default, and here they would only cost time.
    ...(input.binaries.major >= 18 ? ['--no-data-checksums'] : []),
  ]
  const named = input.user.isNamed ? {} : wrappedNames(files.passwdFile)
  return asServerUser(input.user, {
    command: input.binaries.initdb,
    args,
    env: { ...serverEnvironment(input.env), ...named },
  })
}

async function writeFor(user: ServerUser, file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 })
  if (user.isAnother) await chown(file, user.uid, user.gid)
}

interface KnownFailure {
  readonly pattern: RegExp
  readonly kind: FailureKind
  readonly found: string
  readonly hint: string
}

const KNOWN: readonly KnownFailure[] = [
  {
    pattern: /could not look up effective user ID/,
    kind: 'tools',
    found: 'this user has no name, and libnss_wrapper.so is not installed',
    hint: 'install libnss-wrapper (Debian) or nss_wrapper-libs (Red Hat)',
  },
  {
    pattern: /No space left on device|Disk quota exceeded/,
    kind: 'space',
    found: 'no space is left',
    hint: 'enlarge the volume of VERIFICATION_DIR',
  },
  {
    pattern: /Permission denied|could not access directory/,
    kind: 'volume',
    found: 'the user of the server may not reach it',
    hint: 'let the user postgres pass through every folder above it (chmod o+x), or set VERIFICATION_DIR to another folder',
  },
]

function initdbFailure(exit: ToolExit, verificationDir: string): OperatorError {
  const text = exit.stderr.join('\n')
  const known = KNOWN.find(({ pattern }) => pattern.test(text))
  const found = known?.found ?? `initdb ended with ${exit.code ?? exit.signal}`
  return new OperatorError(
    known?.kind ?? 'server',
    `VERIFICATION_DIR ${verificationDir}: ${found}; expected a scratch server in it`,
    {
      hint: known?.hint ?? "the words of initdb stand in this pod's log",
      logOnly: exit.stderr,
    },
  )
}
