import { checkArchiveFile } from '../../archive/check-archive-file.ts'
import { isArchiveOf, ownersOf } from '../../catalog/archive-owner.ts'
import type { ArchiveEntry } from '../../catalog/catalog.ts'
import { type CheckedArchives, openCheckedArchives } from '../../catalog/checked.ts'
import {
  type ArchiveChoice,
  chooseArchive,
  namesakeNote,
  newestProvedNote,
  passedOverNote,
} from '../../catalog/choose-archive.ts'
import { pathBelowVolume } from '../../catalog/filter.ts'
import { knownSources } from '../../catalog/known-sources.ts'
import { hasFailed } from '../../catalog/manifest-head.ts'
import type { DestinationName } from '../../config/destination-settings.ts'
import { likeSources } from '../../config/meant-source.ts'
import { OperatorError } from '../../errors.ts'
import { postgresManifest } from '../../sources/postgres/content.ts'
import { holdsWholeDump } from '../../sources/postgres/dump-file/whole-dump.ts'
import type { ArchiveToRestore } from '../../sources/postgres/restore/restore-plan.ts'
import type { Context } from '../context.ts'
import { type ArchiveReader, archiveReader, type ListedArchives, type OpenedArchive } from '../copies/archive-reader.ts'
import type { Warner } from '../warner.ts'
import type { MeantByRestore } from './meant-by-restore.ts'

/** The archive that is restored. It can't be pruned until it is disposed of. */
export interface RestoreSource extends ArchiveToRestore, AsyncDisposable {}

interface Wanted extends MeantByRestore {
  readonly filter: string | null
  /** Take the copy there; null: the archive on the volume. */
  readonly from: DestinationName | null
  readonly warn: Warner
}

/**
 * Finds the archive that SPEC, `--of` and `-f` mean, pins or fetches it, and reads all of it once: size and SHA-256 of its
 * manifest, or without one, that its gzip data and its dump are whole. One with a manifest that can't be used is passed
 * over, and refused where `-f` names it; one whose proof has failed is taken only where `-f` names it alone. Throws an OperatorError of kind `missing` where there is none, `usage` where `-f`
 * names none or those of another database, `incomplete` for one that is damaged: nothing has been touched then.
 */
export async function openSource(context: Context, wanted: Wanted, signal: AbortSignal): Promise<RestoreSource> {
  const archives = archiveReader(context, wanted.from, wanted.warn)
  try {
    return await openChosen(context, { ...wanted, archives }, signal)
  } catch (error) {
    await archives[Symbol.asyncDispose]()
    throw error
  }
}

type Choosing = Wanted & { readonly archives: ArchiveReader }

async function openChosen(context: Context, wanted: Choosing, signal: AbortSignal): Promise<RestoreSource> {
  const { archives } = wanted
  const stems = wanted.filter === null ? new Set([(wanted.of ?? wanted.spec).id.stem]) : null
  const checked = await openCheckedArchives(context.configuration.settings.backupDir, wanted.warn)
  const { notLookedInto, ...listed } = await archives.list(stems, signal)
  let { entries } = listed
  for (let last: ArchiveEntry | null = null; ; ) {
    const choice = choose(context, wanted, { entries, notLookedInto, checked })
    if (choice.kind === 'none') throw nothingChosen(choice, wanted, await likeNames(choice, context, wanted, signal))
    if (choice.entry.manifestProblem !== null) throw unusable(choice.entry, choice.entry.manifestProblem)
    if (choice.entry === last) throw damaged(last, 'it is not a whole backup; expected gzip data with a whole dump')
    last = choice.entry
    const opened = await archives.open(choice.entry, signal)
    try {
      const { manifestProblem } = opened.entry
      if (manifestProblem !== null)
        entries = entries.map(each => (each === last ? withProblem(each, manifestProblem) : each))
      else if (
        isAnothers(opened.entry, choice, wanted) ||
        (!choice.isNamed && hasFailed(opened.entry.manifest, archives.from))
      )
        entries = entries.map(each => (each === last ? { ...each, manifest: opened.entry.manifest } : each))
      else if (await isWhole(opened, checked, signal)) return sourceOf(choice, opened, wanted)
    } catch (error) {
      await opened[Symbol.asyncDispose]()
      throw error
    }
    await opened[Symbol.asyncDispose]()
  }
}

type Chosen = Extract<ArchiveChoice, { readonly kind: 'chosen' }>

function choose(
  { configuration, clock }: Context,
  { spec, of, filter, from, archives }: Choosing,
  known: ListedArchives & { readonly checked: CheckedArchives },
): ArchiveChoice {
  return chooseArchive({
    entries: known.entries,
    notLookedInto: known.notLookedInto,
    place: archives.place,
    source: archives.from,
    database: of ?? spec,
    // A copy tells whose it is only when its manifest was fetched.
    configured: from === null ? configuration.databases : [],
    filter,
    backupDir: configuration.settings.backupDir,
    now: clock.now(),
    want: 'newest-usable',
    otherDatabases: of === null,
    goodnessOf: entry => known.checked.goodnessOf(entry),
  })
}

type Nothing = Exclude<ArchiveChoice, Chosen>

/** Asks whether a name that nobody knows is a mistyped one of those that are known; null where it does not seem so. */
async function likeNames(
  { reason }: Nothing,
  { configuration }: Context,
  { spec, of, archives }: Choosing,
  signal: AbortSignal,
): Promise<string | null> {
  const { name } = (of ?? spec).id
  const { databases } = configuration
  if (reason !== 'no-archive' || databases.some(({ id }) => id.name === name)) return null
  const { configured, unlisted } = knownSources((await archives.list(null, signal)).entries, databases)
  return likeSources(name, [...configured, ...unlisted])
}

function nothingChosen(choice: Nothing, { spec, of }: Wanted, like: string | null): OperatorError {
  const kind = choice.reason === 'filter' || choice.reason === 'another' ? 'usage' : 'missing'
  const hint = [like, hintOf(choice, of === null)].filter(text => text !== null).join(' ')
  return new OperatorError(kind, `${(of ?? spec).id.name}: ${choice.text}`, { hint })
}

function hintOf(choice: Nothing, mayBeOfAnother: boolean): string {
  if (choice.passedOver.some(({ entry }) => entry.manifestProblem !== null)) return UNUSABLE_HINT
  if (!mayBeOfAnother) return choice.hint
  if (choice.reason === 'another') return `nothing was touched; ${OF_ANOTHER}`
  return choice.reason === 'no-archive' ? `${choice.hint}; ${OF_ANOTHER}` : choice.hint
}

const OF_ANOTHER = 'to restore the content of another database into this one, name that one by --of'

/** A copy is listed by its name, which two databases can share; who it is of, only its manifest says. */
function isAnothers(entry: ArchiveEntry, { another }: Chosen, { spec, of }: Wanted): boolean {
  return another === null && !isArchiveOf(entry, of ?? spec)
}

/** False only for one without a manifest: then an older one may do, and the finding is kept for later runs. */
async function isWhole(
  { entry, manifest }: OpenedArchive,
  checked: CheckedArchives,
  signal: AbortSignal,
): Promise<boolean> {
  if (manifest !== null) {
    const fault = await checkArchiveFile(entry.path, manifest, signal)
    if (fault !== null) throw damaged(entry, fault.text)
    return true
  }
  const known = checked.goodnessOf(entry)
  if (known !== 'unknown') return known === 'good'
  const good = await holdsWholeDump(entry.path, signal)
  // What is known of a file that goes again helps nobody.
  if (entry.modifiedMs > 0) await checked.record(entry, good)
  return good
}

function sourceOf(choice: Chosen, opened: OpenedArchive, wanted: Choosing): RestoreSource {
  const { entry, manifest } = opened
  const { spec, of, archives } = wanted
  const { passedOver, another } = choice
  const beside = [newestProvedNote(choice), namesakeNote(choice)].filter(note => note !== null)
  const named = of === null || of.id.name === spec.id.name ? null : { name: of.id.name, isMeant: true }
  return {
    entry,
    manifest: postgresManifest(manifest),
    another: another === null ? named : { name: ownersOf([entry])[0] ?? another, isMeant: false },
    from: archives.from,
    notes: [...passedOver.map(passedOverNote), ...beside],
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]()
      await archives[Symbol.asyncDispose]()
    },
  }
}

/** Only when all of a manifest is read can be seen that it can't be used. */
function withProblem(entry: ArchiveEntry, manifestProblem: string): ArchiveEntry {
  return { ...entry, manifest: null, manifestProblem }
}

const UNUSABLE_HINT =
  'nothing was touched; name another archive by -f (backup -l shows them), use the version that wrote the manifest, or move the manifest away: the archive then counts as one without, and is checked as such'

function unusable(entry: ArchiveEntry, problem: string): OperatorError {
  const message = `${pathBelowVolume(entry)}: its manifest cannot be used: ${problem}`
  return new OperatorError('incomplete', message, { hint: UNUSABLE_HINT })
}

function damaged(entry: ArchiveEntry, text: string): OperatorError {
  return new OperatorError('incomplete', `${pathBelowVolume(entry)}: ${text}`, {
    hint: 'nothing was touched; name another archive by -f (backup -l shows them)',
  })
}
