import { didYouMean, nearest, slipsBetween } from './did-you-mean.ts'
import { mayBeStemOf, type NamedDatabase } from './source-id.ts'
import { parseSpecArgument, saysPort, withoutType } from './spec-argument.ts'

/** Of so many the names are shown; `backup -c` and `backup -l` have all. */
const MOST_SHOWN = 20

/** What a SPEC can mean. */
export interface KnownSources<Database extends NamedDatabase = NamedDatabase> {
  readonly configured: readonly Database[]
  /** Those that are not, and have archives that name them. */
  readonly unlisted: readonly NamedDatabase[]
  /** The other stems there are: in `wallet-db-tob` nothing says where the name of the host ends. */
  readonly stems: readonly string[]
}

export type MeantSource<Database extends NamedDatabase> =
  | { readonly source: Database | NamedDatabase }
  /** A whole name, which none of them has. */
  | { readonly unknown: NamedDatabase; readonly hint: string }
  | { readonly fault: string; readonly hint: string }

/**
 * What one SPEC means: the database of that whole name, of which the port may be left out where that tells it, or else, unless only whole names
 * count, the one whose name ends with it behind a `/`, where no other does. A fault begins with `place`, and repeats
 * nothing of the text.
 */
export function meantSource<Database extends NamedDatabase>(
  text: string,
  known: KnownSources<Database>,
  { place, whole }: { readonly place: string; readonly whole: boolean },
): MeantSource<Database> {
  const read = parseSpecArgument(text)
  if ('spec' in read) return ofWholeName(read.spec, known, { text, place })
  const sources = [...known.configured, ...known.unlisted].filter(source => endsWith(source, withoutType(text)))
  const stems = known.stems.filter(stem => mayBeStemOf(stem, withoutType(text)))
  const [only] = sources
  const hint = whatThereIs(text, known)
  if (only === undefined && stems.length === 0) return { fault: `${place}: ${read.fault}`, hint: read.hint ?? hint }
  if (whole) return { fault: `${place}: only the end of a name; ${WHOLE_NAME}, where nobody is asked`, hint }
  if (only !== undefined && sources.length + stems.length === 1) return { source: only }
  const may = [...sources.map(({ id }) => id.name), ...stems.map(stem => `the one that has the archives ${stem}_…`)]
  return ambiguous(place, may, hint)
}

function ambiguous(
  place: string,
  may: readonly string[],
  hint: string,
): { readonly fault: string; readonly hint: string } {
  return { fault: `${place}: this may mean ${may.join(', or ')}; ${WHOLE_NAME}`, hint }
}

/** What there is for a SPEC that means nothing: the names that it is nearest to, then all of them. */
function whatThereIs(text: string, { configured, unlisted, stems }: KnownSources): string {
  if (configured.length + unlisted.length + stems.length === 0) return 'no database is configured: backup -c says why'
  const near = likeSources(text, [...configured, ...unlisted])
  const listed = configured.map(({ id }) => id.name)
  const others = [...unlisted.map(({ id }) => id.name), ...stems]
  const lists = [listText('configured', listed, 'backup -c'), listText('only as archives', others, 'backup -l')]
  return [...(near === null ? [] : [near]), lists.filter(list => list !== null).join('; ')].join(' ')
}

/** Asks whether one of them was meant; null where the text is like none. People also type a host, or the start of a file name. */
export function likeSources(text: string, sources: readonly NamedDatabase[]): string | null {
  const bare = withoutType(text)
  const near = nearest(sources, ({ id, host, database }) => {
    return [id.name, `${host}/${database}`, database, id.stem, host].map(name => slipsBetween(bare, name))
  })
  const tail = bare.slice(bare.lastIndexOf('/') + 1)
  const like = near.length > 0 ? near : nearest(sources, ({ database }) => [slipsBetween(tail, database)])
  return didYouMean(like.map(({ id }) => id.name))
}

const WHOLE_NAME = 'expected the whole name, host[:port]/database'

/**
 * A name without a port is that of the usual one, where there is a database of it; else the only one of that host, listed
 * before known by its archives. One with a port means no other.
 */
function ofWholeName<Database extends NamedDatabase>(
  spec: NamedDatabase,
  known: KnownSources<Database>,
  { text, place }: { readonly text: string; readonly place: string },
): MeantSource<Database> {
  const isOfName = ({ host, database }: NamedDatabase): boolean => host === spec.host && database === spec.database
  for (const sources of [known.configured.filter(isOfName), known.unlisted.filter(isOfName)]) {
    const exact = sources.find(({ port }) => port === spec.port)
    const among = saysPort(text) ? [] : sources
    const [only, ...more] = exact === undefined ? among : [exact]
    const may = among.map(({ id }) => id.name)
    if (more.length > 0) return ambiguous(place, may, whatThereIs(text, known))
    if (only !== undefined) return { source: only }
  }
  return known.stems.includes(spec.id.stem) ? { source: spec } : { unknown: spec, hint: whatThereIs(text, known) }
}

function endsWith({ id, database }: NamedDatabase, tail: string): boolean {
  return tail !== '' && (database === tail || id.name.endsWith(`/${tail}`))
}

function listText(title: string, names: readonly string[], mode: string): string | null {
  if (names.length === 0) return null
  const more = names.length - MOST_SHOWN
  return `${title}: ${names.slice(0, MOST_SHOWN).join(', ')}${more > 0 ? ` and ${more} more, which ${mode} shows` : ''}`
}
