import { z } from 'zod'
import type { DestinationName } from '../config/destination-settings.ts'
import { SOURCE_KINDS } from '../config/source-id.ts'
import { isLabel } from './label.ts'
import { FIRST_PLACES, gathered } from './manifest-places.ts'
import {
  arePartsWhole,
  kindProblem,
  MANIFEST_VERSION,
  NO_JSON_TEXT,
  otherVersionText,
  PARTS_TEXT,
} from './manifest-rules.ts'

const remark = z.looseObject({
  kind: z.string(),
  name: z.string().nullable(),
  sqlstate: z.string().nullable(),
  text: z.string(),
})
const fact = z.enum(['held', 'broken', 'unknown'])
const instant = z.iso.datetime({ offset: true })
const bytes = z.int().nonnegative()
const firstPlace = z.enum(FIRST_PLACES)
/** Open, so that the records of a destination that a later version knows are kept. */
const furtherPlace = z.custom<Exclude<DestinationName, (typeof FIRST_PLACES)[number]>>(name => typeof name === 'string')

function copyAt<Place extends string>(destination: z.ZodType<Place>) {
  return z.looseObject({
    destination,
    /** waiting, done, failed or damaged; `revision` is that of the manifest that lies beside the copy. */
    state: z.string(),
    at: instant,
    name: z.string(),
    bytes,
    revision: z.string().exactOptional(),
  })
}

function verificationOf<Place extends string>(from: z.ZodType<Place>) {
  return z.looseObject({
    at: instant,
    from,
    verdict: z.enum(['proved', 'failed', 'could-not-verify']),
    durationSeconds: z.number().nonnegative(),
    reasons: z.array(remark),
    /** The three facts that it was made of; earlier versions did not write them down. */
    facts: z.looseObject({ isWhatWasDumped: fact, loads: fact, comesBack: fact }).exactOptional(),
  })
}

/**
 * Of an archive of the bash tool, whose manifest was made later from its own bytes: when, and which fields nobody knows.
 * These are null, or where they can't be null empty, -1, or the same as `startedAt`.
 */
const adopted = z.looseObject({ at: instant, unknown: z.array(z.string()) })

const contentAlarm = z.looseObject({
  id: z.string().min(1),
  since: instant,
  against: z.string(),
  findings: z.array(
    z.looseObject({
      kind: z.enum(['gone', 'emptied', 'shrank', 'rows', 'size']),
      table: z.string().nullable(),
      before: bytes,
      now: bytes,
    }),
  ),
  more: z.int().nonnegative(),
  accepted: z.looseObject({ at: instant, by: z.string() }).exactOptional(),
})

/**
 * The one description of what a manifest of every kind says. What is in the archive stands in fields that only its kind
 * describes, and those that nobody knows are kept, for the program that wrote them.
 */
const schema = z.looseObject({
  schemaVersion: z.literal(MANIFEST_VERSION),
  /** Of source; PostgreSQL's have none. */
  kind: z.enum(SOURCE_KINDS).exactOptional(),
  archive: z.string(),
  /** Closed for ever, as below; where the tier is one that the first version does not know, `laterTier` says it. */
  tier: z.enum(['daily', 'weekly', 'monthly']).nullable(),
  laterTier: z.string().exactOptional(),
  startedAt: instant,
  finishedAt: instant,
  /** Who asked for the run: command, schedule or missed. Open, as later versions may know more of them. */
  trigger: z.string().exactOptional(),
  /** A person's word for it, from `--label`. */
  label: z.string().refine(isLabel, 'too long, or it cannot be shown').exactOptional(),
  /** Until then retention leaves it alone, from `--protect`. */
  protectedUntil: instant.exactOptional(),
  /** What it lacks of what the last one without an alarm has, until a person says that this is right. */
  alarm: contentAlarm.exactOptional(),
  /** Tables of which it was said for good that they may lose what they hold; from archive to archive. */
  alarmExcept: z.array(z.string()).exactOptional(),
  /** Which one it is of, where the source is a database of a server. */
  database: z.looseObject({ host: z.string(), port: z.int(), name: z.string() }).exactOptional(),
  tools: z.looseObject({ backupContainer: z.string(), compressor: z.string().nullable() }),
  rawBytes: bytes,
  storedBytes: bytes,
  sha256: z.string(),
  parts: z.array(
    z.looseObject({
      part: z.string(),
      offset: bytes,
      bytes,
      status: z.enum(['complete', 'partial', 'absent']),
    }),
  ),
  omitted: z.array(remark),
  notes: z.array(z.string()),
  copies: z.array(copyAt(firstPlace)),
  furtherCopies: z.array(copyAt(furtherPlace)).exactOptional(),
  adopted: adopted.exactOptional(),
  verifications: z.array(verificationOf(firstPlace)),
  furtherVerifications: z.array(verificationOf(furtherPlace)).exactOptional(),
})

type Stored = KnownFields<z.infer<typeof schema>>
type Further<Field extends 'furtherCopies' | 'furtherVerifications'> = NonNullable<Stored[Field]>[number]

/**
 * Everything known about one archive, as it stands in its sidecar, with the copies and verdicts of all places in one list
 * each. Times are ISO 8601 with offset, sizes are bytes.
 */
export type Manifest = Omit<Stored, 'copies' | 'verifications' | 'furtherCopies' | 'furtherVerifications'> & {
  readonly copies: readonly (Stored['copies'][number] | Further<'furtherCopies'>)[]
  readonly verifications: readonly (Stored['verifications'][number] | Further<'furtherVerifications'>)[]
}

/** The fields that the schema names, deeply readonly; the unknown ones are there at run time but have no type. */
export type KnownFields<T> = T extends readonly (infer Item)[]
  ? readonly KnownFields<Item>[]
  : T extends object
    ? { readonly [Key in keyof T as string extends Key ? never : Key]: KnownFields<T[Key]> }
    : T

/**
 * Reads a manifest except for its content: the manifest, its fields in the order of the text, or a text that says what is
 * wrong with it. It never throws.
 */
export function parseManifest(text: string): Manifest | string {
  const json = parseJson(text)
  if (json === undefined) return NO_JSON_TEXT
  const version = versionOf(json)
  if (typeof version === 'number' && version > MANIFEST_VERSION) return otherVersionText(version)
  const otherKind = kindProblem(kindIn(json))
  if (otherKind !== null) return otherKind
  const result = schema.safeParse(json)
  if (!result.success) return problemText(result.error)
  if (!arePartsWhole(result.data.parts, result.data.storedBytes)) return PARTS_TEXT
  return gathered(json as Stored)
}

/** What is said of a manifest in which a field is missing or is not what it has to be; of several, the first. */
export function problemText({ issues: [issue] }: z.core.$ZodError): string {
  return `field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'not valid'}; expected a manifest of schema version ${MANIFEST_VERSION}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function versionOf(json: unknown): unknown {
  return isObject(json) && 'schemaVersion' in json ? json.schemaVersion : undefined
}

function kindIn(json: unknown): unknown {
  return isObject(json) && 'kind' in json ? json.kind : undefined
}

function isObject(json: unknown): json is object {
  return typeof json === 'object' && json !== null
}
