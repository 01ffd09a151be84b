import { OperatorError } from '../../../errors.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'
import type { LoadSession } from './load-session.ts'

/** Superusers come in all the same, and a reader is let in by name. */
const NOBODY_MAY_CONNECT = Buffer.from(`DO $$
DECLARE
  granted record;
BEGIN
  EXECUTE pg_catalog.format('REVOKE ALL ON DATABASE %I FROM PUBLIC CASCADE', pg_catalog.current_database());
  FOR granted IN
    SELECT DISTINCT r.rolname FROM pg_catalog.pg_database d
      CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE d.datname = pg_catalog.current_database() AND a.grantee <> d.datdba
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON DATABASE %I FROM %I CASCADE', pg_catalog.current_database(), granted.rolname);
  END LOOP;
END
$$`)

/** Autovacuum's among them: it runs expressions of indexes. */
const OTHERS = Buffer.from(`
SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity a
WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid()
  AND (a.usename IS NULL OR NOT pg_catalog.starts_with(a.usename, '${LOADER_PREFIX}'))`)

const PAUSE = Buffer.from("SELECT pg_catalog.pg_sleep('0.05')")
const MOST_TRIES = 200

/**
 * Leaves nobody in the database of this session but the admin, loaders and readers, and lets nobody else in: code of the
 * archive may have opened a session by a password that it knew, which would go on while the admin completes and gives
 * rights. Throws an OperatorError (`locked`) where somebody stays for ten seconds.
 */
export async function closeDatabase(admin: LoadSession): Promise<void> {
  await admin.run(NOBODY_MAY_CONNECT)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if ((await admin.run(OTHERS)).length === 0) return
    await admin.run(PAUSE)
  }
  throw new OperatorError('locked', 'the database that is loaded: sessions of others in it do not end; expected none', {
    hint: 'see pg_stat_activity on the server; nothing was swapped',
  })
}
