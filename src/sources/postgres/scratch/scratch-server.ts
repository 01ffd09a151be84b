import { randomBytes } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import type { DatabaseTarget } from '../../../config/database-target.ts'
import { Secret } from '../../../config/secret.ts'
import { OperatorError } from '../../../errors.ts'
import type { Clock } from '../../../system/clock.ts'
import { childEnvironment } from '../../../system/process.ts'
import { connect } from '../connection/connection.ts'
import { type Confinement, findConfinement } from './confinement.ts'
import { makeDataFolder } from './data-folder.ts'
import { type Postmaster, startPostmaster } from './postmaster.ts'
import { keepMarkerFresh } from './scratch-marker.ts'
import { makePlace, removePlace, requireScratchSpace, type ScratchPlace } from './scratch-place.ts'
import type { ServerBinaries } from './server-binaries.ts'
import { findServerUser } from './server-user.ts'

const ASK_EVERY_MS = 20

/** A throw-away server that only this process can reach. Disposing of it ends it and removes all its files. */
export interface ScratchServer extends AsyncDisposable {
  readonly version: string
  readonly major: number
  /** Its own folder inside VERIFICATION_DIR; the place for other files of the proof, too. */
  readonly folder: string
  /** Inside `folder`: the only place, its socket aside, that the server itself can be sure to write to. */
  readonly dataFolder: string
  /** What keeps it from other files and processes. */
  readonly confinement: Confinement
  /** The libraries that it has preloaded. */
  readonly preload: readonly string[]
  /** A database of it, as its superuser, over its socket. */
  target(database: string): DatabaseTarget
  /** For sessions and tools on it: PATH, HOME, TZ, locale and library path; no `PG…` variable and no secret. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted, with an OperatorError, if the server ends before it is disposed of. */
  readonly exited: AbortSignal
}

export interface ScratchServerInput {
  readonly binaries: ServerBinaries
  /** VERIFICATION_DIR. */
  readonly folder: string
  readonly runId: string
  readonly clock: Clock
  /** Libraries that it preloads, which are there; see `preloadFor`. */
  readonly preload?: readonly string[]
  /** How long it may take until it answers. */
  readonly readyTimeoutMs: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Gets what the server logs. It may quote rows: for the pod's log only. */
  onLine?(line: string): void
}

/**
 * Makes and starts an empty server. Throws OperatorError when that can't be done here (`volume`, `space`, `tools`,
 * `server`), and leaves nothing behind then; or the signal's reason.
 */
export async function startScratchServer(input: ScratchServerInput, signal: AbortSignal): Promise<ScratchServer> {
  await requireScratchSpace(input.folder, 0)
  const user = await findServerUser(input.env, signal)
  // The server itself knows its folder by this name, and a later run recognises it by that.
  const verificationDir = await realpath(input.folder)
  await using cleanup = new AsyncDisposableStack()
  const place = await makePlace(verificationDir, { runId: input.runId, now: input.clock.now(), user })
  cleanup.defer(() => removePlace(place))
  cleanup.use(keepMarkerFresh(place.marker, input.clock))
  const superuser = superuserName()
  const password = new Secret(randomBytes(24).toString('base64url'))
  await makeDataFolder({ ...input, place, user, superuser, password }, signal)
  const confinement = await findConfinement({ ...input, place, user }, signal)
  const postmaster = startPostmaster({ ...input, place, user, confinement })
  cleanup.defer(() => postmaster.stop())
  const target = (database: string): DatabaseTarget => ({ ...reach(place), database, user: superuser, password })
  await untilItAnswers(target('postgres'), { ...input, postmaster }, signal)
  return serverOf(input, { place, target, postmaster, confinement, cleanup: cleanup.move() })
}

/**
 * Random, because the archive is somebody else's text: it names roles such as `postgres`, and what it gives to them must
 * not become the superuser's, nor run as one. No statement can name this one. It stands in no dump either: pg_dump
 * writes an owner only for objects of the archive, and each of these is given to the role that the archive names.
 */
function superuserName(): string {
  return `backup_scratch_${randomBytes(12).toString('hex')}`
}

function reach(place: ScratchPlace) {
  return { host: place.socketFolder, port: 5432, tls: { mode: 'disable' } } as const
}

interface Started {
  readonly place: ScratchPlace
  readonly target: (database: string) => DatabaseTarget
  readonly postmaster: Postmaster
  readonly confinement: Confinement
  readonly cleanup: AsyncDisposableStack
}

function serverOf(input: ScratchServerInput, started: Started): ScratchServer {
  return {
    version: input.binaries.version,
    major: input.binaries.major,
    preload: input.preload ?? [],
    folder: started.place.folder,
    dataFolder: started.place.dataFolder,
    confinement: started.confinement,
    target: started.target,
    env: childEnvironment(input.env),
    exited: started.postmaster.exited,
    [Symbol.asyncDispose]: () => started.cleanup.disposeAsync(),
  }
}

type Waiting = Pick<ScratchServerInput, 'clock' | 'readyTimeoutMs'> & { readonly postmaster: Postmaster }

/** Asks until the server answers; throws as soon as it has ended. */
async function untilItAnswers(
  target: DatabaseTarget,
  { clock, readyTimeoutMs, postmaster }: Waiting,
  signal: AbortSignal,
): Promise<void> {
  const patience = AbortSignal.any([signal, postmaster.exited])
  const deadline = clock.monotonicMs() + readyTimeoutMs
  for (;;) {
    patience.throwIfAborted()
    const failure = await answer(target, patience)
    if (failure === null) return
    patience.throwIfAborted()
    if (clock.monotonicMs() > deadline) throw noAnswer(failure, readyTimeoutMs)
    await clock.sleep(ASK_EVERY_MS, patience)
  }
}

async function answer(target: DatabaseTarget, signal: AbortSignal): Promise<unknown> {
  try {
    await using _session = await connect(target, { env: {}, applicationName: 'backup scratch' }, signal)
    return null
  } catch (error) {
    return error ?? new Error('no connection')
  }
}

function noAnswer(last: unknown, readyTimeoutMs: number): OperatorError {
  const message = `scratch server: no answer within ${readyTimeoutMs / 1000} s; expected it to start`
  return new OperatorError('server', message, {
    hint: 'the pod may be short of CPU, or the volume of VERIFICATION_DIR very slow; DATABASE_SERVER_TIMEOUT waits longer',
    logOnly: [last instanceof Error ? last.message : String(last)],
  })
}
