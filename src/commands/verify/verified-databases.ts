import type { Configuration } from '../../config/configuration.ts'
import { meantSource } from '../../config/meant-source.ts'
import { isInShard } from '../../config/shard.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { parseSpecArgument } from '../../config/spec-argument.ts'
import type { ArchiveReader } from '../copies/archive-reader.ts'
import { knownDatabase } from '../known-database.ts'

interface Asked {
  readonly spec: string
  /** Nobody watches: only a whole name counts, and one that nothing is known of is an outcome that people are told of. */
  readonly isScheduled: boolean
  readonly configuration: Configuration
  readonly archives: Pick<ArchiveReader, 'list'>
}

/**
 * The databases that `-v` means: for `all` every one of this shard with a valid line, else the one named, which need not
 * be configured where there are archives of it. Nobody logs in to them. Throws an OperatorError of kind `usage` for a name
 * that means none of them, or more than one.
 */
export async function verifiedDatabases(asked: Asked, signal: AbortSignal): Promise<readonly NamedDatabase[]> {
  const { spec, isScheduled, configuration } = asked
  const { databases, settings } = configuration
  if (spec === 'all') return databases.filter(({ id }) => isInShard(id.stem, settings.shard))
  const reading = { place: '-v', whole: isScheduled }
  if ('spec' in parseSpecArgument(spec)) {
    const listed = meantSource(spec, { configured: databases, unlisted: [], stems: [] }, reading)
    if ('source' in listed) return [listed.source]
    if ('unknown' in listed && isScheduled) return [listed.unknown]
  }
  const { entries } = await asked.archives.list(null, signal)
  return [knownDatabase(spec, { entries, databases, ...reading })]
}
