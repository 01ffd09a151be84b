import { type Connection, connect } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { FinishInput } from './finish-side.ts'
import { IS_MIGHTY, mightyJob } from './timescale-jobs.ts'

interface EndInput extends Pick<FinishInput, 'side' | 'connect'> {
  /** A person trusts the archive as the target. */
  readonly isTrusted: boolean
}

/**
 * Ends the procedure of TimescaleDB in a database that was loaded and compared: from here on its tables are hypertables, and
 * its jobs run. To be called while nobody but superusers can connect to it. Throws an OperatorError (`rights`) where a job
 * would run code of the archive with a superuser's rights.
 */
export async function endTimescaleRestore(input: EndInput, signal: AbortSignal): Promise<void> {
  await using admin = await connect(input.side, input.connect, signal)
  const [made] = await admin.query<{ schema: string }>(POST_RESTORE)
  if (made === undefined) return await forget(admin, input.side.database)
  if (!input.isTrusted) await refuseMightyJobs(admin, input.side.database)
  await admin.query(`SELECT ${quoteIdentifier(made.schema)}.timescaledb_post_restore()`)
}

/** Its own procedure, by the name that it has as a part of the admin's extension. */
const POST_RESTORE = `
SELECT n.nspname AS schema FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_depend d ON d.objid = p.oid JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
WHERE p.proname = 'timescaledb_post_restore' AND p.pronargs = '0'
  AND d.classid = '1255' AND d.refclassid = '3079' AND d.deptype = 'e' AND r.rolname = current_user`

/** The archive has no such extension, though the server would. */
async function forget(admin: Connection, database: string): Promise<void> {
  const held = await admin.query(`
SELECT FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
WHERE s.setrole = '0' AND d.datname = pg_catalog.current_database() AND 'timescaledb.restoring=on' = ANY (s.setconfig)`)
  if (held.length > 0) await admin.query(`ALTER DATABASE ${quoteIdentifier(database)} RESET timescaledb.restoring`)
}

async function refuseMightyJobs(admin: Connection, database: string): Promise<void> {
  const [job] = await admin.query<{ id: number; owner: string }>(MIGHTY_JOBS)
  if (job !== undefined) throw mightyJob(database, { id: String(job.id), owner: job.owner })
}

/**
 * But for those that came with the extension, in the transaction that made it. The owner is compared as the OID that it is.
 */
const MIGHTY_JOBS = `
SELECT j.id, r.rolname AS owner
FROM _timescaledb_config.bgw_job j JOIN pg_catalog.pg_roles r ON r.oid = j.owner
  JOIN pg_catalog.pg_extension x ON x.extname = 'timescaledb'
WHERE j.xmin <> x.xmin AND ${IS_MIGHTY}
ORDER BY j.id`
