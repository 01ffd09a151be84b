import { pipeline } from 'node:stream/promises'
import { sftpAddressText } from '../../config/sftp-address.ts'
import type { SftpSettings } from '../../config/sftp-settings.ts'
import { OperatorError } from '../../errors.ts'
import type { Clock } from '../../system/clock.ts'
import { type Destination, type Get, nameOfTemporary, type Received, type RemoteFile } from '../destination.ts'
import { openPutSource } from '../put-source.ts'
import { receiveFile } from '../received-file.ts'
import { createSharedLine } from '../shared-line.ts'
import { contentOf } from './download.ts'
import { closeRemote, openRemote, removeRemote, statRemote } from './remote-files.ts'
import { listRemote, type Named } from './remote-listing.ts'
import type { SftpSession } from './session.ts'
import type { SftpStep } from './sftp-failure.ts'
import { pathIn, publishBySftp, sendBySftp } from './sftp-put.ts'
import { type SshConnection, sshLogin } from './ssh-login.ts'
import { SftpRefusal } from './status.ts'

const TIMEOUT_MS = 30_000

export interface SftpParts {
  readonly clock: Clock
  /** What ssh may know of our own environment. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** How long the server may be silent; 30 s. */
  readonly timeoutMs?: number
}

/**
 * A folder on an SSH server. OpenSSH's client logs in, encrypts and knows the host; what is said within is SFTP version 3.
 * One connection, which stays open between two calls; a half-sent file is continued. No hash can be asked for.
 */
export function sftpDestination(
  settings: SftpSettings,
  { clock, env, timeoutMs = TIMEOUT_MS }: SftpParts,
): Destination {
  const place = sftpAddressText(settings.address)
  const { folder } = settings.address
  const line = createSharedLine<SshConnection, SftpStep>({
    clock,
    open: signal => sshLogin(settings, { place, timeoutMs, env }, signal),
    isClosed: ({ session }) => session.isOver,
    close: connection => connection.close(),
    isAnswer: error => error instanceof SftpRefusal,
    explain: (step, error, connection) => connection.explain(step, error),
  })
  return {
    name: settings.name,
    place,
    async put(put, signal) {
      const source = await openPutSource(put.source)
      const task = { put, source, place, folder }
      await line.use('send', ({ session }) => sendBySftp(session, task), signal)
      await line.use('publish', ({ session }) => publishBySftp(session, task), signal)
    },
    async list(signal) {
      const at = folder === '' ? '.' : folder
      const found = await line.use('list', ({ session }) => listRemote(session, at, place), signal)
      return found.flatMap(remoteFile).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
    async get(file, signal) {
      const path = pathIn(folder, file.name)
      return await line.use('fetch', ({ session }) => fetchBySftp(session, { file, path, place }), signal)
    },
    async remove(name, signal) {
      await line.use('remove', ({ session }) => removeRemote(session, pathIn(folder, name)), signal)
    },
    async [Symbol.asyncDispose]() {
      await line[Symbol.asyncDispose]()
    },
  }
}

async function fetchBySftp(
  session: SftpSession,
  { file, path, place }: { readonly file: Get; readonly path: string; readonly place: string },
): Promise<Received> {
  const found = await statRemote(session, path)
  if (found === null) throw new OperatorError('missing', `${place}: no file ${file.name}; expected one of its files`)
  const { bytes } = found
  const handle = await openRemote(session, path, 'reading')
  try {
    const content = { handle, bytes: bytes ?? file.mostBytes }
    return await receiveFile({ ...file, bytes, place }, into => pipeline(contentOf(session, content), into))
  } finally {
    await closeRemote(session, handle).catch(() => {})
  }
}

const KIND_OF_MODE = 0o17_0000
const PLAIN_FILE = 0o10_0000

/** Folders, links and all else that is no plain file are left out. */
function remoteFile({ name, bytes, mode, line }: Named): readonly RemoteFile[] {
  const isFile = mode === null ? line.startsWith('-') : (mode & KIND_OF_MODE) === PLAIN_FILE
  if (!isFile) return []
  return [{ name, bytes: bytes ?? 0, state: nameOfTemporary(name) === null ? 'published' : 'partial' }]
}
