import { createHash } from 'node:crypto'
import { OperatorError } from '../../../errors.ts'
import type { Remark } from '../../../events.ts'
import { startDump } from '../client-tools/dump.ts'
import type { SuperuserLeave, SuperuserPolicy } from '../load/superuser-objects.ts'
import { type DumpItem, DumpReader } from '../sql/dump-reader.ts'
import { identifyStatement } from '../sql/statement-identity.ts'
import { routeStatement } from '../sql/statement-route.ts'
import type { RestoreRun } from './restore-run.ts'

/**
 * What a restore does about objects that only a superuser can make: it makes them where a person said so, and where the
 * live database has the identical one, as its own pg_dump says. An admin who is no superuser is told by the server.
 */
export async function superuserPolicy(
  run: Unequipped,
  { withSuperuserObjects }: { readonly withSuperuserObjects: boolean },
  signal: AbortSignal,
): Promise<SuperuserPolicy> {
  const { plan, state } = run
  if (withSuperuserObjects || !state.survey.admin.isSuperuser) return async () => 'trusted'
  // In place, nobody can be asked later.
  let live = plan.inPlace ? Promise.resolve(await readLive(run, signal)) : null
  return async statement => {
    live ??= readLive(run, signal)
    return leaveFor(statement, await live)
  }
}

type Unequipped = Pick<RestoreRun, 'plan' | 'state' | 'target' | 'tools' | 'context'>

/** Throws an OperatorError (`rights`) where something was not made: what depends on it is missing too. */
export function refuseWithheld({ plan }: Pick<RestoreRun, 'plan'>, withheld: readonly Remark[]): void {
  const [first] = withheld
  if (first === undefined) return
  const others = withheld.slice(1).map(({ name }) => name)
  throw new OperatorError(
    'rights',
    `${plan.target.name}: ${first.name}: ${first.text}; expected none${others.length === 0 ? '' : ` (also ${others.join(', ')})`}`,
    { hint: HINT, ...(first.name === null ? {} : { object: first.name }) },
  )
}

const HINT =
  '--with-superuser-objects makes them; code of the archive may then do on that server whatever the admin may: only for an archive whose source you trust as you trust the target'

/** The same before anything is dropped, as far as the text of the archive tells. Reads the dump to its end; `onItem` sees all of it. */
export async function refuseWithheldInPlace(
  run: RestoreRun,
  dump: AsyncIterable<Buffer>,
  onItem: (item: DumpItem) => void,
): Promise<void> {
  const withheld: Remark[] = []
  await forEachItem(dump, async item => {
    onItem(item)
    if (item.type !== 'statement') return
    const statement = item.bytes
    if (routeStatement(statement) !== 'superuser' || (await run.superuserObjects(statement)) !== 'never') return
    const { kind, identity } = identifyStatement(statement)
    withheld.push({
      kind: 'statement',
      name: `${kind} ${identity}`,
      sqlstate: null,
      text: 'only a superuser can make it',
    })
  })
  if (!run.ignoreErrors) refuseWithheld(run, withheld)
}

interface LiveObjects {
  readonly statements: ReadonlySet<string>
  /** Rights that are not what everybody has, each as a text: `ALL ON FUNCTION shop.f(integer) FROM PUBLIC`. */
  readonly rights: readonly string[]
}

async function readLive(run: Unequipped, signal: AbortSignal): Promise<LiveObjects> {
  const { state, target, tools, context, plan } = run
  const statements = new Set<string>()
  const rights: string[] = []
  if (!plan.target.exists || tools === null) return { statements, rights }
  const dump = startDump(
    target.adminOf(plan.target.database),
    {
      ...{ tools, env: context.env, clock: context.clock, tableLockWaitMs: 0 },
      applicationName: state.connect.applicationName,
      clientEncoding: plan.shape.encoding,
      sections: ['pre-data'],
      onStderr: line => context.log.debug('pg_dump', { line }),
    },
    signal,
  )
  await forEachItem(dump.stream, async item => {
    if (item.type !== 'statement') return
    const statement = item.bytes
    const { kind, identity } = identifyStatement(statement)
    if (kind === 'GRANT' || kind === 'REVOKE') rights.push(identity)
    else if (routeStatement(statement) !== 'both') statements.add(digestOf(statement))
  })
  return { statements, rights }
}

/** A routine whose rights were changed must not be everybody's while it is loaded. */
function leaveFor(statement: Buffer, live: LiveObjects): SuperuserLeave {
  if (!live.statements.has(digestOf(statement))) return 'never'
  const { kind, identity } = identifyStatement(statement)
  const name = ` ON ${kind} ${identity.replace(/\(.*$/s, '')}(`
  return live.rights.some(right => right.includes(name)) ? 'closed' : 'open'
}

async function forEachItem(dump: AsyncIterable<Buffer>, work: (item: DumpItem) => Promise<void>): Promise<void> {
  const reader = new DumpReader()
  for await (const chunk of dump) for (const item of reader.read(chunk)) await work(item)
}

function digestOf(statement: Buffer): string {
  return createHash('sha256').update(statement).digest('hex')
}
