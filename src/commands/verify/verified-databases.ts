import type { Configuration } from '../../config/configuration.ts'
import { isInShard } from '../../config/shard.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { parseSpecArgument } from '../../config/spec-argument.ts'
import { OperatorError } from '../../errors.ts'

/**
 * The databases that `-v` means: for `all` every one of this shard with a valid line, else the one named, which need not
 * be configured. Nobody logs in to them. Throws an OperatorError of kind `usage` for a name that can't be read.
 */
export function verifiedDatabases(spec: string, configuration: Configuration): readonly NamedDatabase[] {
  if (spec === 'all') {
    const { shard } = configuration.settings
    return configuration.databases.filter(({ id }) => isInShard(id.stem, shard))
  }
  const parsed = parseSpecArgument(spec)
  if ('fault' in parsed) {
    throw new OperatorError('usage', `-v: ${parsed.fault}`, parsed.hint === undefined ? {} : { hint: parsed.hint })
  }
  // The port is not in the names of archives: a line that names another one still means these files.
  const configured = configuration.databases.find(({ id }) => id.stem === parsed.spec.id.stem)
  return [configured ?? parsed.spec]
}
