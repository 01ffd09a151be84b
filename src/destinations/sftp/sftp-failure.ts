import { OperatorError } from '../../errors.ts'
import { destinationFailure, full, type Meaning, SILENT } from '../destination-failure.ts'
import { ProtocolFault } from './packet.ts'
import { SessionLost, SilentServer } from './session.ts'
import { LOST, meaningOfSsh } from './ssh-failure.ts'
import { SftpRefusal, STATUS } from './status.ts'

/** What was being done. */
export type SftpStep = 'log in' | 'send' | 'publish' | 'list' | 'fetch' | 'remove'

const FULL = full('on the SFTP server')
const NO_RIGHT: Meaning = {
  kind: 'rights',
  found: 'the server does not allow it',
  hint: 'check the rights of the user of SFTP_URL on its folder',
}
const REFUSED: Meaning = {
  kind: 'server',
  found: 'the server refused',
  hint: "its log may say why; so does this pod's, where it said so",
}

const MEANINGS: Readonly<Record<number, Meaning>> = {
  [STATUS.permissionDenied]: NO_RIGHT,
  [STATUS.writeProtected]: NO_RIGHT,
  [STATUS.noConnection]: LOST,
  [STATUS.connectionLost]: LOST,
  [STATUS.noSpace]: FULL,
  [STATUS.quotaExceeded]: FULL,
}

/** OpenSSH's server has one code for all that is not in the list; others add words. */
const FULL_WORDS = /no space|space left|disk (is )?full|quota/i
const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(STATUS).map(([name, code]) => [code, name.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)]),
)

export interface FailedSftp {
  readonly place: string
  readonly step: SftpStep
  /** What ssh wrote to stderr. */
  readonly sshSaid: readonly string[]
  /** What no text may hold. */
  readonly secrets: readonly string[]
}

/** An error of a session as an OperatorError that may leave the pod; anything it can't explain is a bug and stays as it is. */
export function sftpFailure(error: unknown, failed: FailedSftp): unknown {
  if (!(error instanceof Error) || error instanceof OperatorError) return error
  const { place, step, sshSaid, secrets } = failed
  const said = [error.message, ...sshSaid].filter(line => line !== '').join('\n')
  return destinationFailure(error, meaningOf(error, sshSaid), {
    place,
    step,
    answer: error instanceof SftpRefusal ? (NAMES[error.code] ?? error.code) : null,
    said: secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), said),
    caVariable: 'SFTP_KNOWN_HOSTS_FILE',
  })
}

/** Whether another try can do no better, so that the beginning of a file would only take up room. */
export function isFinalRefusal(error: unknown): boolean {
  return error instanceof SftpRefusal && meaningOfRefusal(error).kind !== 'connection'
}

/** What a server answers whose disk is full, where it has no word for it. */
export function isUnexplained(error: unknown): boolean {
  return error instanceof SftpRefusal && error.code === STATUS.failure && !FULL_WORDS.test(error.message)
}

export function refusalForSpace(): SftpRefusal {
  return new SftpRefusal(STATUS.noSpace, 'statvfs: no space is left')
}

function meaningOf(error: Error, sshSaid: readonly string[]): Meaning | null {
  if (error instanceof SftpRefusal) return meaningOfRefusal(error)
  if (error instanceof ProtocolFault) return { kind: 'server', found: error.message }
  const isLost =
    error instanceof SessionLost ||
    error instanceof SilentServer ||
    /^(EPIPE|ECONNRESET)$/.test(String(Reflect.get(error, 'code')))
  if (!isLost && error.name !== 'TimeoutError') return null
  const meaning = meaningOfSsh(sshSaid)
  return meaning === LOST && !(error instanceof SessionLost) ? SILENT : meaning
}

function meaningOfRefusal({ code, message }: SftpRefusal): Meaning {
  if (FULL_WORDS.test(message)) return FULL
  return MEANINGS[code] ?? (code === STATUS.failure ? REFUSED : { ...REFUSED, found: 'the server refused' })
}
