import { OperatorError } from '../../../errors.ts'
import type { Remark } from '../../../events.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { changesSince } from '../fingerprint/compare-fingerprints.ts'
import { DumpInventory } from '../fingerprint/inventory.ts'
import { LoadSession } from '../load/load-session.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { readable } from '../sql/token-reader.ts'
import type { PlannedSide } from './planned-side.ts'
import type { RestoreRun } from './restore-run.ts'
import { refuseWithheldInPlace } from './superuser-policy.ts'
import { DumpedJobs, IS_MIGHTY, jobOfNobody, mightyJob } from './timescale-jobs.ts'

interface Prepared {
  readonly content: ArchiveContent
  /** The new database, which is made and empty. */
  readonly side: Pick<PlannedSide, 'admin' | 'connect'>
}

/**
 * All that can be told before the live database is dropped for an archive: whether the new one takes text as the dump has
 * it; whether what is in it is what was dumped, by the manifest, as a verdict may be that of other bytes; and whether all of
 * it may be made. Reads the dump once. Throws an OperatorError: `server`, or, but for `-I`, `incomplete` or `rights`.
 */
export async function lookBeforeDrop(run: RestoreRun, { content, side }: Prepared, signal: AbortSignal): Promise<void> {
  const { manifest } = run.source
  const fingerprint = manifest?.fingerprint ?? null
  const loadEncoding = fingerprint?.session.clientEncoding ?? null
  await using admin = await LoadSession.open(side.admin, { ...side.connect, loadEncoding }, signal)
  const inventory = new DumpInventory({ clientEncoding: fingerprint?.session.clientEncoding ?? 'UTF8' })
  const watched = watch(content.dump(signal), chunk => fingerprint !== null && inventory.write(chunk))
  const dumped = new DumpedJobs()
  await refuseWithheldInPlace(run, watched, item => dumped.take(item))
  await refuseJobs(run, admin, dumped.jobs)
  if (fingerprint !== null && !run.ignoreErrors) refuseChanged(run, changesSince(fingerprint, inventory.end()))
}

async function* watch(dump: AsyncIterable<Buffer>, look: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of dump) {
    look(chunk)
    yield chunk
  }
}

/** They would be refused with the load or after it as well, when nothing else is left. */
async function refuseJobs(
  { plan, withSuperuserObjects }: RestoreRun,
  admin: LoadSession,
  jobs: DumpedJobs['jobs'],
): Promise<void> {
  for (const { id, owner } of jobs) {
    const question = `SELECT ${IS_MIGHTY} FROM pg_catalog.pg_roles r WHERE r.rolname = ${quoteLiteral(owner)}`
    const [role] = await admin.run(Buffer.from(question, 'latin1'))
    const job = { id: readable(id), owner: readable(owner) }
    if (role === undefined) throw jobOfNobody(plan.target.name, job)
    if (role[0] === 't' && !withSuperuserObjects) throw mightyJob(plan.target.name, job)
  }
}

function refuseChanged({ plan }: RestoreRun, [first, ...others]: readonly Remark[]): void {
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  throw new OperatorError(
    'incomplete',
    `${plan.archive.path}: it is not what its manifest says: ${first.text}${more}; expected what was dumped`,
    { hint: `${plan.target.name} was not touched; take another archive by -f, and see who could change this one` },
  )
}
