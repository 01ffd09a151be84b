import { type DatabaseTarget, targetName } from '../../../config/database-target.ts'
import { OperatorError } from '../../../errors.ts'
import type { ProofFacts, Remark } from '../../../events.ts'
import { NOTHING_KNOWN, remarkOfError } from '../../verdict.ts'
import { type PostgresManifest, saysWhatWasDumped } from '../content.ts'
import type { ArchiveContent } from '../dump-file/archive-content.ts'
import { changesSince } from '../fingerprint/compare-fingerprints.ts'
import { DumpInventory } from '../fingerprint/inventory.ts'
import { findObstaclesInDump } from './proof-obstacles.ts'
import type { Scratch } from './scratch-servers.ts'
import { firstFact } from './what-was-dumped.ts'

/** What a load that stopped says of the archive. */
export interface FailedLoad {
  readonly facts: ProofFacts
  /** In what the archive is not what its manifest says. */
  readonly changes: readonly Remark[]
  readonly loadErrors: readonly Remark[]
}

/** Why it can't be loaded here, which says nothing about the archive. */
export interface Unloadable {
  readonly obstacles: readonly Remark[]
  /** What is known all the same. */
  readonly facts?: ProofFacts
}

/** The archive whose load stopped, and where. */
export interface StoppedLoad {
  readonly manifest: PostgresManifest | null
  readonly content: ArchiveContent
  readonly clientEncoding: string
  readonly scratch: Scratch
  /** The admin's access to the database. */
  readonly admin: DatabaseTarget
}

/**
 * Tells an archive that does not load from a scratch server that could not load it: of the first, what is wrong with it,
 * and whether it still is what was dumped; of the second, what it lacks, or it throws the error again.
 */
export async function judgeFailedLoad(
  stopped: StoppedLoad,
  error: unknown,
  signal: AbortSignal,
): Promise<FailedLoad | Unloadable> {
  signal.throwIfAborted()
  if (!(error instanceof OperatorError)) throw error
  if (error.kind === 'server' && error.sqlstate !== undefined) {
    const obstacles = await findObstaclesInDump(stopped.scratch, stopped.content, signal)
    if (obstacles.length > 0) return { obstacles: [...obstacles, withoutPlace(error, stopped.admin)] }
  }
  if (isNoFaultOfTheArchive(error)) throw error
  if (isRefusalOfThisServer(error) && (await changesOfContent(stopped, signal)).length === 0)
    return { obstacles: [withoutPlace(error, stopped.admin)], facts: unchanged(stopped) }
  if (error.kind === 'incomplete') {
    const isWhatWasDumped = saysWhatWasDumped(stopped.manifest) ? 'broken' : 'unknown'
    const facts = { ...NOTHING_KNOWN, isWhatWasDumped, loads: 'broken' } as const
    return { facts, changes: [remarkOfError(error)], loadErrors: [] }
  }
  const changes = await changesOfContent(stopped, signal)
  const isWhatWasDumped = firstFact(stopped.manifest, changes)
  return {
    facts: { ...NOTHING_KNOWN, isWhatWasDumped, loads: 'broken' },
    changes,
    loadErrors: [isWhatWasDumped === 'held' ? asWhole(error, stopped.admin) : withoutPlace(error, stopped.admin)],
  }
}

/**
 * It wants a right that nothing of an archive has here, a parameter or a value of one that this server does not know, a
 * library that it has not preloaded, or a file for searching texts; or an extension, of which a dump says nothing but the name.
 */
function isRefusalOfThisServer({ kind, message, logOnly, sqlstate }: OperatorError): boolean {
  const [serversWords = ''] = logOnly
  if (kind === 'rights' || sqlstate === CONFIG_FILE_ERROR) return true
  // An archive that lacks what another of its extensions needs loads nowhere.
  if (/: EXTENSION /.test(message)) return !serversWords.startsWith('required extension ')
  if (/\bshared_preload_libraries\b/.test(serversWords)) return true
  return /: (?:FUNCTION|PROCEDURE) /.test(message) && REFUSED_PARAMETER.test(serversWords)
}

/** What a dictionary says whose file is not there. */
const CONFIG_FILE_ERROR = 'F0000'
const REFUSED_PARAMETER = /^(?:invalid value for|unrecognized configuration) parameter "/

function unchanged({ manifest }: StoppedLoad): ProofFacts {
  return { ...NOTHING_KNOWN, isWhatWasDumped: firstFact(manifest, []) }
}

/** It is the source that has to be mended then: no other archive of it will load. */
function asWhole(error: OperatorError, admin: DatabaseTarget): Remark {
  const remark = withoutPlace(error, admin)
  return error.hint === undefined ? remark : { ...remark, text: `${remark.text}; the file is whole` }
}

/** The name of a scratch database says nothing to anybody. */
function withoutPlace(error: OperatorError, admin: DatabaseTarget): Remark {
  const remark = remarkOfError(error)
  return { ...remark, kind: 'statement', text: remark.text.replace(`${targetName(admin)}: `, '') }
}

/**
 * SQLSTATE classes of PostgreSQL's appendix A: 08 connection exceptions, 0A features that this build lacks, 40 deadlocks, 53 too few
 * resources, 57 operator intervention, 58 errors of the system such as a library that is not installed.
 */
const ENVIRONMENT = /^(08|0A|40|53|57|58)/

function isNoFaultOfTheArchive({ kind, sqlstate }: OperatorError): boolean {
  if (kind === 'incomplete' || (kind === 'rights' && sqlstate === '42501')) return false
  return kind !== 'server' || ENVIRONMENT.test(sqlstate ?? '')
}

/** The load read the archive up to its first error only, so that it has to be read again. */
async function changesOfContent(stopped: StoppedLoad, signal: AbortSignal): Promise<readonly Remark[]> {
  const { manifest, content, clientEncoding } = stopped
  if (manifest === null) return []
  const inventory = new DumpInventory({ clientEncoding })
  try {
    for await (const chunk of content.dump(signal)) inventory.write(chunk)
  } catch (error) {
    signal.throwIfAborted()
    return [remarkOfError(error)]
  }
  return changesSince(manifest.fingerprint, inventory.end())
}
