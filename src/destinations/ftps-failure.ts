import type { Secret } from '../config/secret.ts'
import { type FailureKind, OperatorError } from '../errors.ts'
import { BUSY, destinationFailure, full, type Meaning, SILENT } from './destination-failure.ts'
import { refusedCommand } from './ftps-command.ts'

/** What was being done, which decides what a bare "550" means. */
export type FtpStep = 'start TLS' | 'log in' | 'enter the folder' | 'send' | 'list' | 'fetch' | 'publish' | 'remove'

const LOST: Meaning = { kind: 'connection', found: 'the connection was lost' }
const NO_DATA: Meaning = {
  kind: 'connection',
  found: 'no data connection',
  hint: "check the server's passive ports, the firewall between, and the address that it announces",
}
const FULL = full('on the FTP server')
const REFUSED_LOGIN: Meaning = {
  kind: 'authentication',
  found: 'the login was refused',
  hint: 'check FTP_USER and FTP_PASSWORD',
}
const NO_TLS: Meaning = {
  kind: 'configuration',
  found: 'the server refuses TLS; expected TLS for commands and files',
  hint: 'a server without TLS needs FTP_TLS=off, and then everybody on the way can read password and copies',
}
const UNSENDABLE: Meaning = {
  kind: 'configuration',
  found: 'user, password or folder holds a line break or another control character; expected none',
  hint: 'FTP has no way to send it: choose another password',
}
const ENDLESS: Meaning = { kind: 'server', found: 'its answer does not end; expected a few lines' }
const NO_RIGHT: Meaning = {
  kind: 'rights',
  found: 'the server does not allow it',
  hint: 'check the rights of FTP_USER on its folder',
}

/** RFC 959, section 4.2, RFC 2228 (TLS), and what common servers say. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  421: { kind: 'connection', found: 'the server is busy or shuts down' },
  425: NO_DATA,
  426: LOST,
  430: REFUSED_LOGIN,
  431: NO_TLS,
  450: { kind: 'connection', found: 'the file is busy' },
  451: { kind: 'connection', found: 'the server had an error of its own' },
  452: FULL,
  522: {
    kind: 'configuration',
    found: 'the server refuses the TLS session of the data connection',
    hint: 'it asks for session reuse and did not recognise the session; its log says more',
  },
  530: REFUSED_LOGIN,
  532: REFUSED_LOGIN,
  534: NO_TLS,
  536: NO_TLS,
  552: FULL,
  553: NO_RIGHT,
}

// Servers put a full disk under several codes; vsftpd says 426 "Failure writing to local file".
const FULL_WORDS = /no space|space left|disk (is )?full|quota|writing to local file/i
const FULL_STEPS: ReadonlySet<FtpStep> = new Set(['enter the folder', 'send', 'publish'])
const REFUSED_COMMAND: ReadonlySet<number> = new Set([500, 501, 502, 503, 504, 550])
const SILENT_WORDS = /^(Timeout \((control|data) socket\)|TimeoutError)/
const LOST_WORDS =
  /^(Server sent FIN packet|Server closed connection|Socket closed|Client is closed|User closed client)/
const DATA_WORDS = /data connection|transfer strateg|PASV returned another host|Can't parse response to '(PASV|EPSV)'/

/** Whose errors they are: the place for people, and what no text may hold. */
export interface FtpWhere {
  readonly place: string
  readonly password: Secret
}

/** An error of basic-ftp as an OperatorError that may leave the pod; anything it can't explain is a bug and stays as it is. */
export function ftpFailure({ place, password }: FtpWhere, step: FtpStep, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OperatorError) return error
  const code = replyCode(error)
  const command = refusedCommand(error)
  return destinationFailure(error, meaningOf(step, error), {
    place,
    step,
    answer: code === null || command === null ? code : `${code} to ${command}`,
    // Some servers repeat what they were sent.
    said: error.message.replaceAll(password.reveal(), String(password)),
    caVariable: 'FTP_CA_FILE',
  })
}

/** The code of a server's refusal, which is basic-ftp's FTPError; null for every other error. */
export function replyCode(error: unknown): number | null {
  return error instanceof Error && error.name === 'FTPError' && 'code' in error ? Number(error.code) : null
}

/** The kind of a server's refusal; null for every other error. */
export function kindOfReply(step: FtpStep, error: unknown): FailureKind | null {
  const code = replyCode(error)
  return code === null || !(error instanceof Error) ? null : meaningOfReply(step, code, error.message).kind
}

function meaningOf(step: FtpStep, error: Error): Meaning | null {
  const code = replyCode(error)
  if (code !== null) return meaningOfReply(step, code, error.message)
  if (error.message.startsWith('Invalid command')) return UNSENDABLE
  if (error.message.startsWith('FTP control response exceeded')) return ENDLESS
  if (DATA_WORDS.test(error.message)) return NO_DATA
  if (SILENT_WORDS.test(error.message) || error.name === 'TimeoutError') return SILENT
  return LOST_WORDS.test(error.message) && !hasSystemCode(error) ? LOST : null
}

function meaningOfReply(step: FtpStep, code: number, message: string): Meaning {
  if (FULL_STEPS.has(step) && FULL_WORDS.test(message)) return FULL
  if (step === 'start TLS' && REFUSED_COMMAND.has(code)) return NO_TLS
  const known = MEANINGS[code]
  if (known !== undefined) return known
  if (code === 550) return NO_RIGHT
  return code < 500 ? BUSY : { kind: 'server', found: 'the server refused' }
}

/** basic-ftp gives "0" to a client that was closed without one. */
function hasSystemCode(error: Error): boolean {
  return 'code' in error && error.code !== undefined && error.code !== '0'
}
