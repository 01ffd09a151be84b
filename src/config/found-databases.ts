import type { Failure } from '../errors.ts'
import type { ServerAddress } from './server-line.ts'

/** What a server said of the databases that it has. */
export interface LookedUpServer extends ServerAddress {
  /** Those that are somebody's, the oldest first; empty where it could not be asked. */
  readonly names: readonly string[]
  /** Templates, `postgres`, and what restores keep or make. */
  readonly leftOut: readonly string[]
  readonly failure: Failure | null
}

/** A server with what of it is backed up and what is not. Databases are `host[:port]/database`. */
export interface ServerCoverage {
  /** `host[:port]/*` where a line asks for every database, else `host[:port]`. */
  readonly server: string
  readonly isWhole: boolean
  /** How the names of its databases begin. */
  readonly head: string
  /** Null: it had an answer. */
  readonly failure: Failure | null
  /** As in what it answered. */
  readonly names: readonly string[]
  readonly leftOut: readonly string[]
  /** Those that no line asks for, or leaves out by `except=`. */
  readonly uncovered: readonly string[]
}

/** What a line asks for and cannot be had: a database, or the list of all of a server. */
export interface NotTaken {
  readonly database: string
  readonly failure: Failure
}

/** What looking up the databases of the listed servers came to. */
export interface FoundDatabases {
  readonly servers: readonly ServerCoverage[]
  readonly notTaken: readonly NotTaken[]
}

export const NOTHING_LOOKED_UP: FoundDatabases = { servers: [], notTaken: [] }
