import { codeOf } from './system/error-code.ts'
import { FileFault } from './system/file-fault.ts'

/**
 * What went wrong, in the one vocabulary that decides what happens next: only `connection` is worth another try, only
 * `locked` may end as exit code 11.
 */
export type FailureKind =
  | 'authentication'
  | 'configuration'
  | 'connection'
  | 'deadline'
  | 'hook'
  | 'incomplete'
  | 'interrupted'
  | 'lock-timeout'
  | 'locked'
  | 'missing'
  | 'rights'
  | 'server'
  | 'space'
  | 'stalled'
  | 'tools'
  | 'usage'
  | 'volume'

export interface FailureFacts {
  /** What a person can do about it: one sentence, no secret. */
  readonly hint?: string
  /** PostgreSQL's five-character error code, when the server gave one. */
  readonly sqlstate?: string
  /** The database object in question, as PostgreSQL names it. */
  readonly object?: string
  /** Lines of a tool or server that may quote people's data: they go to the pod's log and nowhere else. */
  readonly logOnly?: readonly string[]
}

/**
 * An error that an operator can act on. Its message, hint, SQLSTATE and object may leave the pod: whoever throws it
 * makes sure that they hold neither a secret nor row data (`logOnly` is the place for those lines). Everything else
 * that is thrown is a bug and is shown with its stack.
 */
export class OperatorError extends Error {
  readonly kind: FailureKind
  readonly hint: string | undefined
  readonly sqlstate: string | undefined
  readonly object: string | undefined
  readonly logOnly: readonly string[]

  constructor(kind: FailureKind, message: string, facts: FailureFacts = {}) {
    super(message)
    this.name = 'OperatorError'
    this.kind = kind
    this.hint = facts.hint
    this.sqlstate = facts.sqlstate
    this.object = facts.object
    this.logOnly = facts.logOnly ?? []
  }
}

/** A signal of the system that ends the program's work. */
export type InterruptingSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM'

/** The reason of everything that a signal of the system aborts. */
export class Interruption extends OperatorError {
  readonly signal: InterruptingSignal

  constructor(signal: InterruptingSignal) {
    super('interrupted', `interrupted by ${signal}`)
    this.signal = signal
  }
}

/** A failure as plain data, for outcomes, events and `--json`. */
export interface Failure {
  readonly kind: FailureKind | 'bug'
  readonly message: string
  readonly hint: string | null
  readonly sqlstate: string | null
  readonly object: string | null
}

/** Any thrown value as data that may leave the pod. The message of a bug does not: it can quote anything. */
export function failureOf(error: unknown): Failure {
  if (error instanceof OperatorError) {
    return {
      kind: error.kind,
      message: error.message,
      hint: error.hint ?? null,
      sqlstate: error.sqlstate ?? null,
      object: error.object ?? null,
    }
  }
  return {
    kind: 'bug',
    message: 'an unexpected error, which is a fault of this program',
    hint: 'its stack stands in the log of this pod; please report it',
    sqlstate: null,
    object: null,
  }
}

/** The lines about an error that belong into the pod's log only: a tool's own words, or the stack of a bug. */
export function logLinesOf(error: unknown): readonly string[] {
  if (error instanceof OperatorError) return error.logOnly
  if (error instanceof Error) return (error.stack ?? error.message).split('\n')
  return [String(error)]
}

/** One line for a person: the message, the SQLSTATE where there is one, and what to do. */
export function failureText(failure: Failure): string {
  const code = failure.sqlstate === null ? '' : ` (SQLSTATE ${failure.sqlstate})`
  const hint = failure.hint === null ? '' : `; ${failure.hint}`
  return `${failure.message}${code}${hint}`
}

/** What is wrong with a file that could not be read, without its path: a FileFault's words, or those of a system error. */
export function fileWords(error: unknown): string {
  if (error instanceof FileFault) return error.message
  return `${systemWords(codeOf(error)) || 'it cannot be read'}; expected a file that can be read`
}

/** What the code of a system error says of a file or folder; the code itself where there are no words for it. */
export function systemWords(code: string): string {
  return SYSTEM_WORDS[code] ?? code
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user has no right to it',
  EPERM: 'this user has no right to it',
  EROFS: 'the file system is read-only',
  EIO: 'the device failed to read or write',
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it exists already',
  ENAMETOOLONG: 'the name is too long',
}
