import { knownSources } from '../../catalog/known-sources.ts'
import { type KnownSources, type MeantSource, meantSource } from '../../config/meant-source.ts'
import type { NamedDatabase } from '../../config/source-id.ts'
import { parseSpecArgument } from '../../config/spec-argument.ts'
import { OperatorError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { archiveReader } from '../copies/archive-reader.ts'
import type { Warner } from '../warner.ts'
import type { RestoreOptions } from './restore-options.ts'

/** The databases of a restore. */
export interface MeantByRestore {
  /** What is restored into. */
  readonly spec: NamedDatabase
  /** Whose content goes there, if it is not its own. */
  readonly of: NamedDatabase | null
}

/**
 * What SPEC and `--of` mean. A whole name may be one that nobody has heard of yet; the end of one is looked for among the
 * configured databases and those that have archives where the restore takes them from, and counts only where a person is
 * asked. Throws an OperatorError of kind `usage`.
 */
export async function meantByRestore(
  context: Context,
  options: RestoreOptions & { readonly warn: Warner },
  signal: AbortSignal,
): Promise<MeantByRestore> {
  const configured = { configured: context.configuration.databases, unlisted: [], stems: [] }
  const areWhole = [options.spec, options.of].every(text => text === null || isWhole(text))
  const known = areWhole ? configured : await knownBy(context, options, signal)
  const read = (place: string, text: string): NamedDatabase =>
    named(meantSource(text, isWhole(text) ? configured : known, { place, whole: options.yes }))
  return { spec: read('-r', options.spec), of: options.of === null ? null : read('--of', options.of) }
}

function isWhole(text: string): boolean {
  return 'spec' in parseSpecArgument(text)
}

async function knownBy(
  context: Context,
  { from, warn }: Pick<RestoreOptions, 'from'> & { readonly warn: Warner },
  signal: AbortSignal,
): Promise<KnownSources> {
  await using archives = archiveReader(context, from, warn)
  const { entries } = await archives.list(null, signal)
  return knownSources(entries, context.configuration.databases)
}

function named(meant: MeantSource<NamedDatabase>): NamedDatabase {
  if ('fault' in meant) throw new OperatorError('usage', meant.fault, { hint: meant.hint })
  return 'source' in meant ? meant.source : meant.unknown
}
