import type { Remark } from '../../events.ts'
import { connect } from '../../postgres/connection.ts'
import { inspectDatabase } from '../../postgres/inspect.ts'
import { compareFacts } from '../../proof/compare-facts.ts'
import type { Proof } from './prove-on-scratch.ts'
import { afterLoad, type ScratchDatabase } from './scratch-database.ts'

/**
 * Loads the database part of an archive, and compares what the database has then with what the manifest says: settings,
 * rights, comment and connection limit. Empty when all came back. On a server of another major some settings may not
 * exist any more, so that a difference there is no finding: it comes as a note.
 */
export async function compareDatabaseFacts(
  proof: Proof,
  database: ScratchDatabase,
  signal: AbortSignal,
): Promise<{ readonly differences: readonly Remark[]; readonly notes: readonly string[] }> {
  const { content, manifest, scratch } = proof
  const text = await content.database(signal)
  if (text === null || manifest === null) return { differences: [], notes: [] }
  const options = { ...database.connect, parameters: afterLoad(scratch) }
  await using admin = await connect(database.admin, options, signal)
  await admin.query(text.toString('utf8'))
  const { database: found } = await inspectDatabase(database.admin, options, signal)
  const differences = compareFacts(manifest.database, found)
  const sameMajor = Number.parseInt(manifest.server.version, 10) === scratch.server.major
  if (sameMajor) return { differences, notes: [] }
  const notes = differences.map(({ text: what }) => `${what}, on a server of version ${scratch.server.version}`)
  return { differences: [], notes }
}
