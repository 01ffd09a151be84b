import type { PostgresManifest } from '../content.ts'
import type { DatabaseShape } from '../made/database-shape.ts'
import type { TargetState } from './target-state.ts'

/** What a person says of a database whose archive does not say it, in the words of createdb; null: not said. */
export interface GivenShape {
  readonly encoding: string | null
  /** Of libc. */
  readonly locale: string | null
  readonly icuLocale: string | null
  readonly builtinLocale: string | null
  readonly owner: string | null
}

/** Owner, encoding and locale of a database that is made, and who says so. */
export interface PlannedShape {
  readonly owner: string
  readonly shape: DatabaseShape
  /** Of the locale, where the archive was taken; null: not known, or it has none. */
  readonly collationVersion: string | null
  readonly shapeFrom: 'archive' | 'live database' | 'server' | 'command line'
}

/** Whether the manifest knows of which shape its database was: one that was made from the archive itself does not. */
export function knowsShape(manifest: PostgresManifest | null): boolean {
  return manifest !== null && manifest.database.collate !== null
}

/** Whether a person says how text is sorted. */
export function saysLocale({ locale, icuLocale, builtinLocale }: GivenShape): boolean {
  return locale !== null || icuLocale !== null || builtinLocale !== null
}

/** What the archive says, else what a person says, else what the live database has, else what the server would give. */
export function planShape(
  manifest: PostgresManifest | null,
  { live, survey }: Pick<TargetState, 'live' | 'survey'>,
  given: GivenShape,
): PlannedShape {
  // Of its content: not that of the live database.
  const withoutPublic = manifest?.database.withoutPublic ?? false
  const ownerElse = live?.database.owner ?? survey.admin.name
  if (manifest !== null && knowsShape(manifest))
    return {
      owner: manifest.database.owner ?? ownerElse,
      shape: { ...shapeIn(manifest.database), withoutPublic },
      collationVersion: manifest.database.collationVersion ?? null,
      shapeFrom: 'archive',
    }
  const base = live === null ? survey.template : live.database
  const isGiven = saysLocale(given) || given.encoding !== null
  // A new database takes the rows as they were dumped, where somebody says the locale that goes with it.
  const encoding = given.encoding ?? (live === null && saysLocale(given) ? manifest?.database.encoding : undefined)
  return {
    owner: given.owner ?? ownerElse,
    shape: { ...localeOf(given, shapeIn(base)), encoding: encoding ?? base.encoding, withoutPublic },
    collationVersion: null,
    shapeFrom: isGiven ? 'command line' : live === null ? 'server' : 'live database',
  }
}

interface Recorded extends Pick<DatabaseShape, 'encoding' | 'collate' | 'ctype'> {
  readonly localeProvider?: string | null
  readonly icuLocale?: string | null
  readonly icuRules?: string
}

function shapeIn({ localeProvider = null, icuLocale = null, ...recorded }: Recorded): DatabaseShape {
  const { encoding, collate, ctype, icuRules } = recorded
  return { encoding, collate, ctype, localeProvider, icuLocale, ...(icuRules === undefined ? {} : { icuRules }) }
}

/** As createdb takes them; rules go with their locale. */
function localeOf(given: GivenShape, { icuRules, ...base }: DatabaseShape): DatabaseShape {
  if (!saysLocale(given)) return icuRules === undefined ? base : { ...base, icuRules }
  const ofLibc = { ...base, ...(given.locale === null ? {} : { collate: given.locale, ctype: given.locale }) }
  if (given.icuLocale !== null) return { ...ofLibc, localeProvider: 'icu', icuLocale: given.icuLocale }
  if (given.builtinLocale !== null) return { ...ofLibc, localeProvider: 'builtin', icuLocale: given.builtinLocale }
  return { ...ofLibc, localeProvider: 'libc', icuLocale: null }
}
