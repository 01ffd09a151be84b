import type { DatabaseTarget } from '../../config/database-target.ts'
import type { FoundDatabases } from '../../config/found-databases.ts'
import type { Destination } from '../../destinations/destination.ts'
import { openDestination } from '../../destinations/destinations.ts'
import { type Failure, failureOf, logLinesOf } from '../../errors.ts'
import type { KeptDatabase } from '../../events.ts'
import { HOOK_NAMES } from '../../hooks/hook.ts'
import { type HookPlace, hooksThere, notHooks } from '../../hooks/hook-place.ts'
import { assertReadable } from '../../sources/postgres/inspect/inspect.ts'
import { inspectConfigured } from '../../sources/postgres/inspect/inspect-configured.ts'
import { leftByRestores } from '../../sources/postgres/made/left-by-restores.ts'
import { obstaclesHere } from '../../sources/postgres/scratch/provable-here.ts'
import { keptDatabases } from '../../sources/postgres/swap/kept-databases.ts'
import { formatBytes } from '../../terminal/format.ts'
import type { Context } from '../context.ts'
import { lookAtVolume } from './look-at-volume.ts'

/** Whether the volume, the folder of hooks, one server, one database or one destination can be used. */
export interface Access {
  readonly kind: 'volume' | 'hooks' | 'server' | 'database' | 'destination'
  readonly name: string
  /** What was found, for a person; empty where it failed. */
  readonly found: string
  /** Of a database: what restores have kept beside it. */
  readonly kept?: readonly KeptDatabase[]
  /** Of a database: why its backups can't be proved on this machine; empty where they can. */
  readonly notProvable?: readonly string[]
  /** Of a server: its databases that no line of the configuration covers. */
  readonly uncovered?: readonly string[]
  readonly failure: Failure | null
}

/**
 * Looks at the volume, at every database as a backup would before it dumps, and writes and removes a small file on the
 * volume and at every destination.
 * Nothing is tried twice. Never rejects; one that fails stops no other.
 */
export async function checkAccess(
  context: Pick<Context, 'configuration' | 'clock' | 'env' | 'runId' | 'log'>,
  signal: AbortSignal,
): Promise<readonly Access[]> {
  const { databases, settings } = context.configuration
  const volume = { kind: 'volume', name: `volume ${settings.backupDir}` } as const
  const access: Access[] = [
    await tried(volume, async () => ({ found: await lookAtVolume(settings, context.runId) }), context),
  ]
  const { hooksDir, backupDir } = settings
  if (hooksDir !== null) {
    const subject = { kind: 'hooks', name: `hooks ${hooksDir}` } as const
    access.push(await tried(subject, async () => ({ found: await lookAtHooks({ hooksDir, backupDir }) }), context))
  }
  access.push(...serverAccess(context.configuration.found))
  for (const { id, target } of databases) {
    if (target === null) continue
    const subject = { kind: 'database', name: id.name } as const
    access.push(await tried(subject, () => lookAt(target, context, signal), context))
  }
  for (const destination of settings.destinations) {
    await using open = openDestination(destination, { clock: context.clock, env: context.env, backOffMs: [] })
    const subject = { kind: 'destination', name: `${open.name} ${open.place}` } as const
    access.push(await tried(subject, async () => ({ found: await probe(open, context.runId, signal) }), context))
  }
  return access
}

async function lookAtHooks(place: HookPlace): Promise<string> {
  const there = await hooksThere(place)
  const others = await notHooks(place)
  const found = there.length === 0 ? `none; expected ${HOOK_NAMES.join(', ')}` : there.join(', ')
  return others.length === 0 ? found : `${found}; nothing runs ${others.join(', ')}`
}

/** What the look-up of this run has found already. A server of single databases that does not answer is no more than these. */
function serverAccess({ servers, notTaken }: FoundDatabases): readonly Access[] {
  const asked = servers.filter(({ isWhole, uncovered }) => isWhole || uncovered.length > 0)
  const answered = asked.filter(({ failure }) => failure === null)
  return [
    ...answered.map(({ server, names, uncovered }): Access => {
      const found = `${names.length} database${names.length === 1 ? '' : 's'}, ${uncovered.length} not covered`
      return { kind: 'server', name: server, found, uncovered, failure: null }
    }),
    ...notTaken.map(({ database, failure }): Access => ({ kind: 'server', name: database, found: '', failure })),
  ]
}

type Found = Pick<Access, 'found' | 'kept' | 'notProvable'>

async function tried(
  subject: Pick<Access, 'kind' | 'name'>,
  work: () => Promise<Found>,
  { log }: Pick<Context, 'log'>,
): Promise<Access> {
  try {
    return { ...subject, ...(await work()), failure: null }
  } catch (error) {
    log.error('access-failed', { ...subject, lines: logLinesOf(error) })
    return { ...subject, found: '', failure: failureOf(error) }
  }
}

async function lookAt(
  target: DatabaseTarget,
  { configuration, env, runId }: Pick<Context, 'configuration' | 'env' | 'runId'>,
  signal: AbortSignal,
): Promise<Found> {
  const options = { env, applicationName: `backup-container ${runId} check` }
  const facts = await inspectConfigured(target, options, signal)
  assertReadable(facts)
  const size = facts.database.sizeBytes === null ? '' : `, ${formatBytes(facts.database.sizeBytes)}`
  const found = `PostgreSQL ${facts.server.version}${size}, everything readable as ${facts.role.name}`
  const left = await leftByRestores(target, target, options, signal)
  const notProvable = await obstaclesHere(facts, env, signal)
  const provable = notProvable.length === 0 ? ['can be proved here'] : []
  const kept = keptDatabases(facts.kept ?? [], configuration)
  return { found: [found, ...provable, ...left].join('; '), kept, notProvable }
}

/** No archive is called that, so that nobody takes it for a copy. */
async function probe(destination: Destination, runId: string, signal: AbortSignal): Promise<string> {
  const name = `backup-container-check-${runId}.txt`
  try {
    await destination.put({ name, source: { content: Buffer.from('written by backup -c --check\n') } }, signal)
  } finally {
    await destination.remove(name, signal)
  }
  return 'a small file was written and removed'
}
