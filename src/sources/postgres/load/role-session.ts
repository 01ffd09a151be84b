import type { SqlSession } from '../connection/sql-session.ts'
import { loadErrorOf } from './load-failure.ts'
import type { LoadSession } from './load-session.ts'

/** A session of a load as an SqlSession, for texts with one character per byte. `run` takes exactly one statement. */
export function sessionOfLoad(admin: LoadSession): SqlSession {
  return {
    rows: sql => admin.run(Buffer.from(sql, 'latin1')),
    run: sql => admin.runOne(Buffer.from(sql, 'latin1')),
    sqlstateOf: error => loadErrorOf({ kind: 'ROLE', identity: '' }, error)?.sqlstate ?? null,
  }
}
