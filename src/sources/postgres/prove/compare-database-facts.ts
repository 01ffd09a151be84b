import type { Remark } from '../../../events.ts'
import { connect } from '../connection/connection.ts'
import { sessionOf } from '../connection/sql-session.ts'
import type { PostgresManifest } from '../content.ts'
import { compareFacts, compareShape } from '../database/compare-facts.ts'
import type { DatabaseSetting, GivenFacts } from '../database/database-facts.ts'
import { allowedFacts, giveDatabaseFacts, type RefusedSetting } from '../database/give-database-facts.ts'
import { readDatabasePart } from '../database/read-database-part.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { inspectDatabase } from '../inspect/inspect.ts'
import type { LoadableDatabase } from '../round-trip/load-archive.ts'
import { quoteIdentifier } from '../sql/quote.ts'
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

interface ComparedDatabase {
  readonly differences: readonly Remark[]
  readonly unclear: readonly Remark[]
  /** For people. */
  readonly notes: readonly string[]
}

/**
 * Reads the database part of an archive as data, gives that to the loaded database, and compares what the database has then
 * with what the manifest says: encoding and locale, settings, rights, comment and connection limit. Empty when all came
 * back. What no archive may give is not tried, which a note says; and on a server of another major some settings may not
 * exist any more, so that a difference there is a note as well. What this server refuses, and stands so in the manifest,
 * is `unclear`: another one may take it.
 * Throws OperatorError('incomplete') for a text that is none of ours.
 */
export async function compareDatabaseFacts(
  { content, manifest, scratch }: Archived,
  database: LoadableDatabase,
  signal: AbortSignal,
): Promise<ComparedDatabase> {
  const text = await content.database(signal)
  if (text === null || manifest === null) return { differences: [], unclear: [], notes: [] }
  const options = { ...database.connect, parameters: afterLoad(scratch) }
  await using admin = await connect(database.admin, options, signal)
  const session = sessionOf(admin)
  const { isTemplate = false, withoutPublic = false } = manifest.database
  // The text for people says that in a comment.
  const facts = { ...factsIn(text, manifest.database.owner ?? database.loader.user), isTemplate }
  const said = await allowedFacts(facts, session)
  // An extension's script may have given some (postgis_tiger_geocoder), which the source has no more.
  await admin.query(`ALTER DATABASE ${quoteIdentifier(database.admin.database)} RESET ALL`)
  const refused = await giveDatabaseFacts(
    said.facts,
    { database: database.admin.database, owner: database.loader.user },
    session,
  )
  const { database: found } = await inspectDatabase(database.admin, options, signal)
  const { owner } = manifest.database
  const expected = await allowedFacts({ ...manifest.database, owner: owner ?? '' }, session)
  const settings = expected.facts.settings.filter(setting => !refused.some(each => isSame(each.setting, setting)))
  const untold = refused.filter(({ setting }) => expected.facts.settings.some(each => isSame(each, setting)))
  const unclear = untold.map(refusedRemark)
  const differences = [
    ...compareShape(manifest.database, found),
    ...compareFacts({ ...expected.facts, settings, owner, withoutPublic }, found),
  ]
  const notTried = [...said.withheld, ...expected.withheld].map(({ text: what }) => what)
  const notes = [...new Set(notTried)]
    .map(what => `not tried: ${what}`)
    .concat(sortedOtherwise(manifest.database, found))
  const sameMajor = Number.parseInt(manifest.server.version, 10) === scratch.server.major
  if (sameMajor) return { differences, unclear, notes }
  const unsure = [...differences, ...unclear].map(
    ({ text: what }) => `${what}, on a server of version ${scratch.server.version}`,
  )
  return { differences: [], unclear: [], notes: [...notes, ...unsure] }
}

/** What goes by the order of text, such as the bounds of partitions, may have meant something else. */
function sortedOtherwise(expected: Versioned, { collationVersion }: Versioned): string[] {
  const was = expected.collationVersion
  if (was === undefined || collationVersion === undefined || was === collationVersion) return []
  return [`text was sorted by version ${was} of its locale; the scratch server has ${collationVersion}`]
}

interface Versioned {
  readonly collationVersion?: string
}

function isSame(one: DatabaseSetting, other: DatabaseSetting): boolean {
  return one.role === other.role && one.name === other.name && one.value === other.value
}

/** Values are not quoted: they may hold secrets. */
function refusedRemark({ setting: { role, name }, refusal }: RefusedSetting): Remark {
  const of = role === null ? 'the database' : `role ${role} in the database`
  const needed = name.toLowerCase().startsWith('lc_') ? 'install its locale' : 'install what it needs'
  const text = `setting ${name} of ${of}: the scratch server refuses it (${refusal.text}); ${needed} where backups are verified, or RESET it in the source where nothing uses it`
  return { kind: 'setting', name, sqlstate: refusal.sqlstate, text }
}

function factsIn(text: Buffer, owner: string): GivenFacts {
  const { statements, others } = splitStatements(text)
  const { facts, leftOut } = readDatabasePart(statements, { owner, encoding: 'utf8' })
  if (leftOut.length === 0 && others === 0)
    return facts ?? { owner, settings: [], acl: [], comment: null, connectionLimit: -1 }
  throw foreignStatement('database')
}
