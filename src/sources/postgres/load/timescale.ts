import { OperatorError } from '../../../errors.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { LoadSession } from './load-session.ts'

/** A server that preloads TimescaleDB knows this parameter in every database. */
const PRELOADED = Buffer.from("SELECT FROM pg_catalog.pg_settings WHERE name = 'timescaledb.disable_load'")

const RESTORING = Buffer.from(`DO $$ BEGIN
  EXECUTE pg_catalog.format('ALTER DATABASE %I SET timescaledb.restoring = on', pg_catalog.current_database());
END $$`)

/**
 * While a database is restored, TimescaleDB takes its tables for what they are, and starts no worker in it. Only a
 * superuser can set that, also for a database, and a session has it from its beginning: so this comes before the loader's.
 */
export async function holdTimescale(admin: LoadSession): Promise<void> {
  if (admin.isSuperuser && (await admin.run(PRELOADED)).length > 0) await admin.run(RESTORING)
}

/** Its own procedure, by the name that it has as a part of the admin's extension. */
const PRE_RESTORE = Buffer.from(`
SELECT n.nspname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_depend d ON d.objid = p.oid JOIN pg_catalog.pg_roles r ON r.oid = p.proowner
WHERE p.proname = 'timescaledb_pre_restore' AND p.pronargs = '0'
  AND d.classid = '1255' AND d.refclassid = '3079' AND d.deptype = 'e' AND r.rolname = current_user`)

/** To be called when the extension was made, before anything of the archive is there. */
export async function beginTimescaleRestore(admin: LoadSession): Promise<void> {
  const [row] = await admin.run(PRE_RESTORE)
  const schema = row?.[0]
  if (typeof schema !== 'string' || !admin.isSuperuser) return
  await admin.run(Buffer.from(`SELECT ${quoteIdentifier(schema)}.timescaledb_pre_restore()`))
}

const OTHER_VERSION = Buffer.from(`
SELECT m.value, x.extversion FROM _timescaledb_catalog.metadata m, pg_catalog.pg_extension x
WHERE m.key = 'timescaledb_version' AND x.extname = 'timescaledb' AND m.value <> x.extversion`)

/**
 * The rows of its catalog are of the version that the source had, and only that one understands them. Throws an
 * OperatorError (`server`) where the server has another.
 */
export async function requireSameTimescale(admin: LoadSession): Promise<void> {
  const [row] = await admin.run(OTHER_VERSION)
  if (row === undefined) return
  const [archive = '', server = ''] = row
  throw new OperatorError(
    'server',
    `dump: EXTENSION timescaledb: the rows of its catalog are of version ${archive}, and the server makes version ${server}; expected the same`,
    { sqlstate: '0A000', object: 'timescaledb', hint: `install the version ${archive} there, or restore where it is` },
  )
}
