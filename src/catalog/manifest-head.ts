import { isContentAlarm } from './content-alarm.ts'
import { isLabel } from './label.ts'
import type { Manifest } from './manifest.ts'
import { gathered } from './manifest-places.ts'
import {
  arePartsWhole,
  kindProblem,
  MANIFEST_VERSION,
  NO_JSON_TEXT,
  otherArchiveText,
  otherVersionText,
  PARTS_TEXT,
} from './manifest-rules.ts'

/**
 * What listing, pruning and the start of a run need of a manifest. It is read without the schema, whose loading and
 * checking would cost a listing of thousands of archives more than everything else, and without the fingerprint, whose
 * tables would fill the memory.
 */
export type ManifestHead = Pick<
  Manifest,
  | 'archive'
  | 'kind'
  | 'startedAt'
  | 'finishedAt'
  | 'label'
  | 'protectedUntil'
  | 'alarm'
  | 'alarmExcept'
  | 'database'
  | 'rawBytes'
  | 'storedBytes'
  | 'omitted'
> & {
  readonly parts: readonly Pick<Manifest['parts'][number], 'part' | 'status'>[]
  readonly copies: readonly Pick<Manifest['copies'][number], 'destination' | 'state' | 'at' | 'revision'>[]
  readonly verifications: readonly TimedVerdict[]
}

/** What is kept of one verification of an archive. */
type TimedVerdict = Pick<Manifest['verifications'][number], 'at' | 'from' | 'verdict' | 'facts'>

/** Where an archive was read when it was verified: on the volume, or at a destination. */
export type VerifiedPlace = TimedVerdict['from']

/** Reads the head of the manifest of `archive`: the head, or a text that says what is wrong. It never throws. */
export function readManifestHead(text: string, archive: string): ManifestHead | string {
  const json = parseObject(text)
  if (json === null) return NO_JSON_TEXT
  if (json.schemaVersion !== MANIFEST_VERSION) return otherVersionText(json.schemaVersion)
  const otherKind = kindProblem(json.kind)
  if (otherKind !== null) return otherKind
  if (!isHead(json)) return 'a field is missing or of another type; expected a manifest of schema version 1'
  if (!arePartsWhole(json.parts, json.storedBytes)) return PARTS_TEXT
  if (json.archive !== archive) return otherArchiveText(json.archive, archive)
  return headOf(gathered(json))
}

/**
 * The verdict that stands for the archive as it is read from that place: the newest that says whether it restores, else
 * the newest that could not say it; null: nobody has tried. A copy that comes back proved is the archive, by its hash, but
 * says nothing of a file that was found here to be another one; a copy that does not come back says nothing about the
 * others, unless it was what was dumped.
 */
export function standingVerdict<Verification extends TimedVerdict>(
  verifications: readonly Verification[],
  place: VerifiedPlace = 'volume',
): Verification | null {
  const newestHere = verifications.findLast(({ verdict, from }) => verdict !== 'could-not-verify' && from === place)
  const isDamagedHere = newestHere?.verdict === 'failed' && newestHere.facts?.isWhatWasDumped !== 'held'
  const saysIt = ({ verdict, from, facts }: Verification): boolean =>
    verdict === 'proved'
      ? from === place || !isDamagedHere
      : verdict === 'failed' && (from === place || facts?.isWhatWasDumped === 'held')
  return (
    verifications.findLast(saysIt) ?? verifications.findLast(({ verdict }) => verdict === 'could-not-verify') ?? null
  )
}

/** When the archive was last proved, or null if it never was or has failed since. */
export function provedAt({ verifications }: Pick<ManifestHead, 'verifications'>): string | null {
  const standing = standingVerdict(verifications)
  return standing?.verdict === 'proved' ? standing.at : null
}

/** Whether the manifest, as far as there is one, says that its proof has failed: of the archive as that place has it. */
export function hasFailed(
  manifest: Pick<ManifestHead, 'verifications'> | null,
  place: VerifiedPlace = 'volume',
): boolean {
  return manifest !== null && standingVerdict(manifest.verifications, place)?.verdict === 'failed'
}

function headOf(head: ManifestHead): ManifestHead {
  return {
    archive: head.archive,
    startedAt: head.startedAt,
    finishedAt: head.finishedAt,
    ...(head.label === undefined ? {} : { label: head.label }),
    ...(head.protectedUntil === undefined ? {} : { protectedUntil: head.protectedUntil }),
    ...(head.alarm === undefined ? {} : { alarm: head.alarm }),
    ...(head.alarmExcept === undefined ? {} : { alarmExcept: head.alarmExcept }),
    rawBytes: head.rawBytes,
    storedBytes: head.storedBytes,
    omitted: head.omitted,
    ...identityOf(head),
    parts: head.parts,
    copies: head.copies,
    verifications: head.verifications,
  }
}

function identityOf({ kind, database }: ManifestHead): Pick<ManifestHead, 'kind' | 'database'> {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(database === undefined ? {} : { database: { host: database.host, port: database.port, name: database.name } }),
  }
}

type Stored = ManifestHead & {
  readonly furtherCopies?: ManifestHead['copies']
  readonly furtherVerifications?: ManifestHead['verifications']
}

function isHead(json: unknown): json is Stored {
  return (
    isObject(json) &&
    typeof json.archive === 'string' &&
    isInstant(json.startedAt) &&
    isInstant(json.finishedAt) &&
    (json.label === undefined || isLabel(json.label)) &&
    (json.protectedUntil === undefined || isInstant(json.protectedUntil)) &&
    (json.alarm === undefined || isContentAlarm(json.alarm)) &&
    (json.alarmExcept === undefined || isListOf(json.alarmExcept, table => typeof table === 'string')) &&
    Number.isSafeInteger(json.rawBytes) &&
    Number.isSafeInteger(json.storedBytes) &&
    isKindOf(json) &&
    isListOf(json.omitted, isObject) &&
    isListOf(json.parts, part => isObject(part) && typeof part.part === 'string' && typeof part.status === 'string') &&
    isListOf(json.copies, isCopy) &&
    isListOf(json.furtherCopies ?? [], isCopy) &&
    isListOf(json.verifications, isVerdict) &&
    isListOf(json.furtherVerifications ?? [], isVerdict)
  )
}

function isCopy(item: unknown): boolean {
  return isObject(item) && typeof item.destination === 'string'
}

function isVerdict(item: unknown): boolean {
  return isObject(item) && isInstant(item.at) && typeof item.verdict === 'string'
}

/** PostgreSQL's manifests have no kind, and each is of a database. */
function isKindOf({ kind, database }: Readonly<Record<string, unknown>>): boolean {
  return database === undefined ? typeof kind === 'string' : isObject(database)
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseObject(text: string): Record<string, unknown> | null {
  const json = parseJson(withoutFingerprint(text)) ?? parseJson(text)
  return isObject(json) ? json : null
}

/**
 * Cuts the fingerprint, most of the text, out of a manifest that is indented as this program indents. A line break
 * never stands inside a string of JSON, so what looks like these two lines is these two lines.
 */
function withoutFingerprint(text: string): string {
  const start = text.indexOf('\n  "fingerprint": {\n')
  const end = start === -1 ? -1 : text.indexOf('\n  }', start)
  return end === -1 ? text : `${text.slice(0, start)}\n  "fingerprint": null${text.slice(end + '\n  }'.length)}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
