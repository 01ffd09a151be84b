import { OperatorError } from '../../../errors.ts'
import { copiedValues } from '../sql/copied-values.ts'
import type { CopyTarget } from '../sql/copy-target.ts'
import type { DumpItem } from '../sql/dump-reader.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import { nameParts } from '../sql/written-name.ts'

/**
 * Whether a role `r` of pg_roles is a superuser, or a member of one or of a role of PostgreSQL's own (OIDs below 16384:
 * access/transam.h).
 */
export const IS_MIGHTY = `(r.rolsuper OR EXISTS (SELECT FROM pg_catalog.pg_roles s
  WHERE s.oid <> r.oid AND s.rolname <> 'pg_database_owner' AND (s.rolsuper OR s.oid < '16384')
    AND pg_catalog.pg_has_role(r.oid, s.oid, 'MEMBER')))`

interface Job {
  readonly id: string
  readonly owner: string
}

/** A job of an archive whose role the server lacks: its row cannot be loaded. */
export function jobOfNobody(place: string, { id, owner }: Job): OperatorError {
  return new OperatorError(
    'server',
    `${place}: job ${id} of TimescaleDB is of role ${owner}, which the server lacks; expected it to be there`,
    {
      object: `job ${id}`,
      hint: `CREATE ROLE ${quoteIdentifier(owner)}, and restore again`,
    },
  )
}

/** A job of an archive, which the server itself would run as a role that may do more than its database asks for. */
export function mightyJob(place: string, job: Job): OperatorError {
  return new OperatorError(
    'rights',
    `${place}: job ${job.id} of TimescaleDB would run code of the archive as ${job.owner}, who has a superuser's rights; expected jobs of other roles only`,
    {
      object: `job ${job.id}`,
      hint: '--with-superuser-objects lets it: code of the archive may then do on that server whatever the admin may; or give the job to another role in the source, and back up again',
    },
  )
}

const TABLE = '_timescaledb_config\0bgw_job'

/** More bytes of jobs than anybody has. */
const MOST_BYTES = 16_777_216

/** The jobs of TimescaleDB in a dump, as its items pass. */
export class DumpedJobs {
  #target: CopyTarget | null = null
  #rows: Buffer[] = []
  #bytes = 0
  readonly #jobs: Job[] = []

  /** One character per byte; the owner without quotation marks. */
  get jobs(): readonly Job[] {
    return this.#jobs
  }

  take(item: DumpItem): void {
    if (item.type === 'copy-start')
      this.#target = nameParts(item.target.table).join('\0') === TABLE ? item.target : null
    if (this.#target === null) return
    if (item.type === 'copy-data') this.#add(item.bytes)
    if (item.type === 'copy-end') this.#end(this.#target)
  }

  #add(bytes: Buffer): void {
    this.#bytes += bytes.length
    if (this.#bytes > MOST_BYTES)
      throw new OperatorError('incomplete', `dump: more than ${MOST_BYTES} bytes of jobs of TimescaleDB; expected less`)
    this.#rows.push(Buffer.from(bytes))
  }

  #end({ columns }: CopyTarget): void {
    const names = columns.map(column => nameParts(column).join())
    for (const row of copiedValues(Buffer.concat(this.#rows))) {
      const owner = nameParts(row[names.indexOf('owner')] ?? '').join('.')
      this.#jobs.push({ id: row[names.indexOf('id')] ?? '', owner })
    }
    this.#target = null
    this.#rows = []
  }
}
