import type { DatabaseTarget } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { Remark } from '../../../events.ts'
import type { ConnectOptions } from '../connection/connection.ts'
import { connectionFailure } from '../connection/connection-failure.ts'
import { DumpReader } from '../sql/dump-reader.ts'
import { isSafeEncoding } from '../sql/session-settings.ts'
import type { LoadError } from './load-failure.ts'
import { LoadOutcome } from './load-outcome.ts'
import { LoadSession } from './load-session.ts'
import { LoaderSessions } from './loader-sessions.ts'
import { type DispatchOptions, StatementDispatcher } from './statement-dispatcher.ts'
import { holdTimescale } from './timescale.ts'

export interface LoadInput extends DispatchOptions {
  /** An admin's session on the new, empty database. */
  readonly admin: DatabaseTarget
  /**
   * The same database as its owner: a login role without any rights, member of nothing. All code of the archive runs as
   * this role. Where the admin is no superuser, the admin may stand here too.
   */
  readonly loader: DatabaseTarget
  readonly connect: ConnectOptions
  /** The text of the dump, to be read once. Its chunks must stay as they are after they were given. */
  readonly dump: AsyncIterable<Buffer>
  /** Null: the dump says it itself. */
  readonly clientEncoding: string | null
  /** Go on behind statements that the server refuses, and list them. A lost connection still ends the load. */
  readonly ignoreErrors: boolean
  /** Gets every chunk of the dump once, in order, before it is loaded. */
  readonly observe?: (chunk: Buffer) => void
}

export interface LoadReport {
  readonly statements: number
  readonly rows: number
  /** Only with `ignoreErrors`. */
  readonly errors: readonly LoadError[]
  /** Statements that were left out for a role that is missing, or for a right that an admin who is no superuser lacks. */
  readonly skippedForRoles: readonly Remark[]
  /** Settings of the dump that the server does not know, and tablespaces that it does not have. */
  readonly notes: readonly Remark[]
  readonly createdRoles: readonly string[]
  /**
   * Objects that only a superuser can make and that were not made. Where there is one, the load stopped at the first of
   * them; the dump was read to its end all the same, so that they are all here whose text says what they are.
   */
  readonly withheld: readonly Remark[]
  /** What the archive says of the server that it came from and was not given: foreign statements, rights of roles. */
  readonly notGiven: readonly Remark[]
  /** The blocks of a database part in an archive whose manifest is lost; they were read, not run. */
  readonly databaseBlocks: readonly Buffer[]
  readonly seconds: number
}

/**
 * Loads a dump into an empty database so that no code of the archive ever runs with more rights than the loader has.
 * Afterwards nothing may be made in this database by a superuser before 17: an event trigger of the archive would run.
 * Rejects at the first statement that the server refuses, with an OperatorError that names it (`server`, with SQLSTATE),
 * with one of kind `incomplete` for text that no dump has, and with the signal's reason after an abort.
 */
export async function loadDump(input: LoadInput, signal: AbortSignal): Promise<LoadReport> {
  const started = performance.now()
  const outcome = await load(input, signal).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : connectionFailure(input.admin, error)
  })
  const { statements, rows, errors, skipped, notes, createdRoles, withheld, notGiven, databaseBlocks } = outcome
  const seconds = (performance.now() - started) / 1_000
  const ofServer = { withheld, notGiven, databaseBlocks }
  return { statements, rows, errors, skippedForRoles: skipped, notes, createdRoles, ...ofServer, seconds }
}

async function load(input: LoadInput, signal: AbortSignal): Promise<LoadOutcome> {
  const { clientEncoding } = input
  if (clientEncoding !== null && !isSafeEncoding(clientEncoding))
    throw new OperatorError(
      'incomplete',
      `dump: its encoding is ${clientEncoding}; expected one that a server can have`,
    )
  const options = { ...input.connect, loadEncoding: clientEncoding }
  await using admin = await LoadSession.open(input.admin, options, signal)
  if (input.admin.user !== input.loader.user) await holdTimescale(admin)
  await using loaders = await LoaderSessions.open({ ...input, admin, options }, signal)
  const { ignoreErrors, searchPath = [] } = input
  const outcome = new LoadOutcome(input.admin, { ignoreErrors, searchPath, ask: query => loaders.first.run(query) })
  await using dispatcher = new StatementDispatcher(
    input,
    {
      ...{ admin, loader: loaders.first, takeLoader: () => loaders.take() },
      openAdmin: searchPath => LoadSession.open(input.admin, withSearchPath(options, searchPath), signal),
    },
    outcome,
  )
  await dispatcher.begin()
  await feed(input, dispatcher, signal)
  return outcome
}

function withSearchPath<T extends ConnectOptions>(options: T, searchPath: string): T {
  return { ...options, parameters: { ...options.parameters, search_path: searchPath } }
}

async function feed(input: LoadInput, dispatcher: StatementDispatcher, signal: AbortSignal): Promise<void> {
  const reader = new DumpReader()
  input.onStep?.('loading')
  for await (const chunk of input.dump) {
    signal.throwIfAborted()
    input.observe?.(chunk)
    for (const item of reader.read(chunk)) {
      const waiting = dispatcher.take(item)
      if (waiting !== undefined) await waiting
    }
  }
  await dispatcher.finish(reader.end())
}
