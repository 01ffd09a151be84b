import { stemOf } from '../../catalog/naming/names.ts'
import type { Configuration } from '../../config/configuration.ts'
import { targetName } from '../../config/database-target.ts'
import { isInShard } from '../../config/shard.ts'
import { parseSpecArgument } from '../../config/spec-argument.ts'
import { OperatorError } from '../../errors.ts'

/** A database whose archives are verified; nobody logs in to it, so that it needs no credentials. */
export interface VerifiedDatabase {
  /** `host[:port]/database`, for people. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly database: string
  readonly stem: string
}

/**
 * The databases that `-v` means: for `all` every one of this shard with a valid line, else the one named, which need not be configured.
 * Throws an OperatorError of kind `usage` for a name that can't be read.
 */
export function verifiedDatabases(spec: string, configuration: Configuration): readonly VerifiedDatabase[] {
  if (spec === 'all') {
    const { shard } = configuration.settings
    return configuration.databases.map(verified).filter(({ stem }) => isInShard(stem, shard))
  }
  const parsed = parseSpecArgument(spec)
  if ('fault' in parsed) {
    throw new OperatorError('usage', `-v: ${parsed.fault}`, parsed.hint === undefined ? {} : { hint: parsed.hint })
  }
  const stem = stemOf(parsed.spec)
  // The port is not in the names of archives: a line that names another one still means these files.
  const configured = configuration.databases.find(database => database.stem === stem)
  return [verified(configured ?? parsed.spec)]
}

function verified(spec: { readonly host: string; readonly port: number; readonly database: string }): VerifiedDatabase {
  return { name: targetName(spec), host: spec.host, port: spec.port, database: spec.database, stem: stemOf(spec) }
}
