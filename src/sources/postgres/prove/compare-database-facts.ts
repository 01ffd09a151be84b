import type { Remark } from '../../../events.ts'
import { connect } from '../connection/connection.ts'
import { sessionOf } from '../connection/sql-session.ts'
import type { PostgresManifest } from '../content.ts'
import { compareFacts } from '../database/compare-facts.ts'
import type { GivenFacts } from '../database/database-facts.ts'
import { allowedFacts, giveDatabaseFacts } from '../database/give-database-facts.ts'
import { readDatabasePart } from '../database/read-database-part.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { inspectDatabase } from '../inspect/inspect.ts'
import type { LoadableDatabase } from '../round-trip/load-archive.ts'
import { splitStatements } from '../sql/split-statements.ts'
import { foreignStatement } from './foreign-statement.ts'
import { afterLoad } from './scratch-database.ts'
import type { Scratch } from './scratch-servers.ts'

/** The archive that was loaded, and where. */
interface Archived {
  readonly content: ArchiveContent
  readonly manifest: PostgresManifest | null
  readonly scratch: Scratch
}

/**
 * Reads the database part of an archive as data, gives that to the loaded database, and compares what the database has then
 * with what the manifest says: settings, rights, comment and connection limit. Empty when all came back. What no archive
 * may give is not tried, which a note says; and on a server of another major some settings may not exist any more, so that
 * a difference there is a note as well. Throws OperatorError('incomplete') for a text that is none of ours.
 */
export async function compareDatabaseFacts(
  { content, manifest, scratch }: Archived,
  database: LoadableDatabase,
  signal: AbortSignal,
): Promise<{ readonly differences: readonly Remark[]; readonly notes: readonly string[] }> {
  const text = await content.database(signal)
  if (text === null || manifest === null) return { differences: [], notes: [] }
  const options = { ...database.connect, parameters: afterLoad(scratch) }
  await using admin = await connect(database.admin, options, signal)
  const session = sessionOf(admin)
  const said = await allowedFacts(factsIn(text, manifest.database.owner ?? database.loader.user), session)
  await giveDatabaseFacts(said.facts, { database: database.admin.database, owner: database.loader.user }, session)
  const { database: found } = await inspectDatabase(database.admin, options, signal)
  const { owner } = manifest.database
  const expected = await allowedFacts({ ...manifest.database, owner: owner ?? '' }, session)
  const differences = compareFacts({ ...expected.facts, owner }, found)
  const notTried = [...said.withheld, ...expected.withheld].map(({ text: what }) => what)
  const notes = [...new Set(notTried)].map(what => `not tried: ${what}`)
  const sameMajor = Number.parseInt(manifest.server.version, 10) === scratch.server.major
  if (sameMajor) return { differences, notes }
  const unsure = differences.map(({ text: what }) => `${what}, on a server of version ${scratch.server.version}`)
  return { differences: [], notes: [...notes, ...unsure] }
}

function factsIn(text: Buffer, owner: string): GivenFacts {
  const { statements, others } = splitStatements(text)
  const { facts, leftOut } = readDatabasePart(statements, { owner, encoding: 'utf8' })
  if (leftOut.length === 0 && others === 0)
    return facts ?? { owner, settings: [], acl: [], comment: null, connectionLimit: -1 }
  throw foreignStatement('database')
}
