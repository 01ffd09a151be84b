import type { ArchiveEntry } from '../catalog/catalog.ts'
import { knownSources } from '../catalog/known-sources.ts'
import { meantSource } from '../config/meant-source.ts'
import type { NamedDatabase } from '../config/source-id.ts'
import { OperatorError } from '../errors.ts'

interface Known {
  readonly entries: readonly ArchiveEntry[]
  readonly databases: readonly NamedDatabase[]
  /** The flag that SPEC stands behind. */
  readonly place: string
  /** Whether only a whole name counts. */
  readonly whole: boolean
}

/** The database that SPEC means, which is configured or has archives. Throws an OperatorError of kind `usage` where none or several are. */
export function knownDatabase(spec: string, { entries, databases, place, whole }: Known): NamedDatabase {
  const meant = meantSource(spec, knownSources(entries, databases), { place, whole })
  if ('source' in meant) return meant.source
  const message = 'fault' in meant ? meant.fault : `${meant.unknown.id.name}: ${UNKNOWN}`
  throw new OperatorError('usage', message, { hint: meant.hint })
}

const UNKNOWN = 'not configured, and no archive is of it; expected a database that is, or that has one'
