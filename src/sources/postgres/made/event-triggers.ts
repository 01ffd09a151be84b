import type { Connection } from '../connection/connection.ts'
import { quoteIdentifier } from '../sql/quote.ts'

interface EventTrigger {
  readonly name: string
  readonly state: 'O' | 'R' | 'A'
}

const STATES = { O: 'ENABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' } as const

/**
 * Does something in a database whose event triggers may be anybody's: they are disabled before and as they were
 * afterwards, also when the work fails. Before 17 a superuser has no other way not to run them; changing an event trigger fires none.
 */
export async function withoutEventTriggers<T>(admin: Connection, work: () => Promise<T>): Promise<T> {
  const triggers = await admin.query<EventTrigger>(
    "SELECT evtname AS name, evtenabled AS state FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D'",
  )
  for (const { name } of triggers) await admin.query(`ALTER EVENT TRIGGER ${quoteIdentifier(name)} DISABLE`)
  try {
    return await work()
  } finally {
    for (const { name, state } of triggers)
      await admin.query(`ALTER EVENT TRIGGER ${quoteIdentifier(name)} ${STATES[state]}`)
  }
}
