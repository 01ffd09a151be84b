import type { Connection } from '../connection/connection.ts'
import { targetKey } from './marker.ts'

/** A session that has the right to restore into a database. */
export interface TargetLockHolder {
  readonly processId: number
  /** Who it is, for a person. */
  readonly text: string
}

interface Row {
  readonly pid: number
  readonly application: string | null
  readonly user: string | null
}

/** In the two databases in which it can be held: anybody can take a lock of the same number in one of his own. */
const HOLDERS = `
SELECT l.pid, a.application_name AS application, a.usename AS user
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE d.datname IN ('postgres', 'template1') AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = $1 AND l.objid = $2`

/** Who restores into a database at the moment, as any role may ask. */
export async function lockHolders(connection: Connection, target: string): Promise<readonly TargetLockHolder[]> {
  const { high, low } = targetKey(target)
  const rows = await connection.query<Row>(HOLDERS, [high, low])
  return rows.map(({ pid, application, user }) => ({ processId: pid, text: holderText({ pid, application, user }) }))
}

function holderText({ pid, application, user }: Row): string {
  const [, run] = /^backup-container (\S+) restore$/.exec(application ?? '') ?? []
  const who = run === undefined ? `a session of ${user ?? 'somebody'}` : `run ${run}`
  return `${who} (process ${pid} of the server)`
}
