import type { DestinationName } from '../config/destination-settings.ts'
import { OperatorError } from '../errors.ts'
import type { OpenedSource, PutSource } from './put-source.ts'

/** One file to send. */
export interface Put {
  /** The name it gets: one path segment, the same as on the volume. */
  readonly name: string
  readonly source: PutSource
  /** Bytes of this file that have arrived so far, those of an earlier try included. It may go back when a try begins anew. */
  readonly onProgress?: (bytes: number) => void
}

/** One file at a destination. */
export interface RemoteFile {
  readonly name: string
  readonly bytes: number
  /** `partial`: an upload that did not get to its end, under its temporary name. It never counts as a copy. */
  readonly state: 'published' | 'partial'
}

/** One file to fetch. */
export interface Get {
  readonly name: string
  /** Where to. It must not exist yet. */
  readonly path: string
  /** The most that is written there, whatever the other side says or sends: the size that was announced, or a limit for its kind. */
  readonly mostBytes: number
}

/** What `get` wrote. */
export interface Received {
  readonly bytes: number
  /** Of the bytes as they arrived, hexadecimal. */
  readonly sha256: string
}

/**
 * One flat folder elsewhere that copies go to: names only, no paths. Every implementation keeps these promises, and
 * `test/suites/destination-suite.ts` holds each of them to it.
 *
 * Errors are OperatorErrors whose message and hint may leave the pod; no password, key or address with credentials is
 * in any part of them. Kind `connection` is what another try may mend. Everything else is final: `authentication`,
 * `rights`, `space`, `configuration` (the address, the certificate, the bucket), `missing` (no file of that name),
 * `incomplete` (what is there is not what was sent), `volume` (the file here), `server` (all other refusals).
 * None of these methods tries again by itself: that is `retrying()`.
 *
 * Each method may be called at any time, also while another one runs (an implementation that has one connection lets
 * them wait for each other), and again after it failed. When the signal is aborted, it rejects with the signal's reason at once and
 * lets go of its connection.
 */
export interface Destination extends AsyncDisposable {
  readonly name: DestinationName
  /** Where it is, for people: no credentials. */
  readonly place: string

  /**
   * Sends a file: under a temporary name (or, where the protocol has no half files, in one piece), then compares
   * the size, and the SHA-256 where the other side can tell it, and only then publishes it under its name. Missing
   * folders are made. A file of that name is replaced, and is there, whole, until then. After a kind of `connection` the
   * next call for the same content may go on where this one stopped; after a final error no part of it stays behind if
   * that can be helped.
   */
  put(put: Put, signal: AbortSignal): Promise<void>

  /**
   * Every file of the folder, partial ones too, sorted by name. Folders in it are left out. A listing that is longer than
   * MOST_LISTED_FILES, or does not come to an end, is an error of kind `server`.
   */
  list(signal: AbortSignal): Promise<readonly RemoteFile[]>

  /**
   * Fetches a published file (mode 0600), and resolves when every byte that the other side has is there; the caller
   * compares the hash. A file that is longer than `mostBytes`, or than the other side said, is `incomplete`, and no byte
   * behind that is written. After an error `path` is gone again.
   */
  get(file: Get, signal: AbortSignal): Promise<Received>

  /** Removes a file, published or partial, by its full name. One that is not there is no error. */
  remove(name: string, signal: AbortSignal): Promise<void>

  /** Closes what is open. May be called twice; afterwards no other method may be called. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * The most files of one folder. 100 000 archives with their manifests are 200 000, which no retention comes near; more is
 * a folder of something else, or a server that never stops, and each costs a few hundred bytes of memory.
 */
export const MOST_LISTED_FILES = 250_000

/** What a listing that is too long is called, by every destination. */
export function listingTooLong(place: string): OperatorError {
  const message = `${place}: could not list: it names more than ${MOST_LISTED_FILES} files; expected a folder of copies`
  return new OperatorError('server', message, { hint: 'give the copies a folder or prefix of their own' })
}

/** What a file is called that was lost on the way: another try may bring it there whole. */
export function notAllArrived(
  { place, name }: { readonly place: string; readonly name: string },
  bytes: { readonly found: number; readonly expected: number },
): OperatorError {
  const message = `${place}: ${bytes.found} bytes arrived of ${name}; expected ${bytes.expected}`
  return new OperatorError('connection', message)
}

const TEMPORARY = /^(.+)\.[0-9a-f]{8}\.in_progress$/

/** The name under which a file is sent. It holds a piece of the hash, so that only the same content is ever continued. */
export function temporaryName(name: string, { sha256 }: Pick<OpenedSource, 'sha256'>): string {
  return `${name}.${sha256.slice(0, 8)}.in_progress`
}

/** The name that a file of this temporary name is to get; null for every other name. */
export function nameOfTemporary(name: string): string | null {
  return TEMPORARY.exec(name)?.[1] ?? null
}
