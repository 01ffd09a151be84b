import { z } from 'zod'
import { arePartsWhole, MANIFEST_VERSION, NO_JSON_TEXT, otherVersionText, PARTS_TEXT } from './manifest-rules.ts'
import { givenFacts, recordedRoles } from './role-schema.ts'

export { MANIFEST_VERSION } from './manifest-rules.ts'

const remark = z.looseObject({
  kind: z.string(),
  name: z.string().nullable(),
  sqlstate: z.string().nullable(),
  text: z.string(),
})
const instant = z.iso.datetime({ offset: true })
/**
 * Closed for ever: an earlier version refuses a manifest with any other word here. What is known of the copies at a third
 * destination goes into a new optional field, which it passes over.
 */
const destination = z.enum(['volume', 'ftp', 's3'])
const bytes = z.int().nonnegative()
const digested = z.looseObject({ count: z.int().nonnegative(), sha256: z.string() })

const database = z.looseObject({
  host: z.string(),
  port: z.int(),
  name: z.string(),
  owner: givenFacts.owner,
  encoding: z.string(),
  collate: z.string().nullable(),
  ctype: z.string().nullable(),
  localeProvider: z.string().exactOptional(),
  icuLocale: z.string().nullable().exactOptional(),
  settings: givenFacts.settings,
  acl: givenFacts.acl,
  comment: givenFacts.comment,
  connectionLimit: givenFacts.connectionLimit,
  isTemplate: z.boolean().exactOptional(),
  /** Its schema public was dropped, which every new database has. */
  withoutPublic: z.boolean().exactOptional(),
  tablespaces: z.array(z.string()),
  extensions: z.array(z.looseObject({ name: z.string(), version: z.string().nullable() })),
  sizeBytes: bytes.nullable(),
})

const fingerprint = z.looseObject({
  version: z.literal(1),
  session: z.looseObject({
    timeZone: z.literal('UTC'),
    clientEncoding: z.string(),
    lcMonetary: z.string().exactOptional(),
  }),
  statements: digested,
  sequences: digested,
  largeObjects: digested,
  tables: z.array(
    z.looseObject({
      name: z.string(),
      columns: z.array(z.string()),
      rows: z.int().nonnegative(),
      sha256: z.string(),
      longestRow: bytes.exactOptional(),
    }),
  ),
})

/**
 * Of an archive of the bash tool, whose manifest was made later from its own bytes: when, and which fields nobody knows.
 * These are null, or where they can't be null empty, -1, or the same as `startedAt`.
 */
const adopted = z.looseObject({ at: instant, unknown: z.array(z.string()) })

/** The one description of a manifest. Fields that it does not know are kept, for the program that wrote them. */
const schema = z.looseObject({
  schemaVersion: z.literal(MANIFEST_VERSION),
  archive: z.string(),
  tier: z.enum(['daily', 'weekly', 'monthly']).nullable(),
  startedAt: instant,
  finishedAt: instant,
  database,
  /** Not in manifests of the first version, whose archives say it in text only, and where the roles could not be read. */
  roles: recordedRoles.exactOptional(),
  server: z.looseObject({ version: z.string() }),
  tools: z.looseObject({ backupContainer: z.string(), pgDump: z.string(), compressor: z.string().nullable() }),
  rawBytes: bytes,
  storedBytes: bytes,
  sha256: z.string(),
  parts: z.array(
    z.looseObject({
      part: z.enum(['roles', 'dump', 'database']),
      offset: bytes,
      bytes,
      status: z.enum(['complete', 'partial', 'absent']),
    }),
  ),
  omitted: z.array(remark),
  notes: z.array(z.string()),
  fingerprint,
  copies: z.array(
    z.looseObject({
      destination,
      /** waiting, done, failed or damaged; `revision` is that of the manifest that lies beside the copy. */
      state: z.string(),
      at: instant,
      name: z.string(),
      bytes,
      revision: z.string().exactOptional(),
    }),
  ),
  adopted: adopted.exactOptional(),
  verifications: z.array(
    z.looseObject({
      at: instant,
      from: destination,
      verdict: z.enum(['proved', 'failed', 'could-not-verify']),
      durationSeconds: z.number().nonnegative(),
      reasons: z.array(remark),
    }),
  ),
})

/** Everything known about one archive, as it stands in its sidecar. Times are ISO 8601 with offset, sizes are bytes. */
export type Manifest = Known<z.infer<typeof schema>>

/** The fields that the schema names, deeply readonly; the unknown ones are there at run time but have no type. */
type Known<T> = T extends readonly (infer Item)[]
  ? readonly Known<Item>[]
  : T extends object
    ? { readonly [Key in keyof T as string extends Key ? never : Key]: Known<T[Key]> }
    : T

/** Reads a whole manifest: the manifest, or a text that says what is wrong with it. It never throws. */
export function parseManifest(text: string): Manifest | string {
  const json = parseJson(text)
  if (json === undefined) return NO_JSON_TEXT
  const version = versionOf(json)
  if (typeof version === 'number' && version > MANIFEST_VERSION) return otherVersionText(version)
  const result = schema.safeParse(json)
  if (result.success) return arePartsWhole(result.data.parts, result.data.storedBytes) ? result.data : PARTS_TEXT
  const issue = result.error.issues[0]
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
  return typeof json === 'object' && json !== null && 'schemaVersion' in json ? json.schemaVersion : undefined
}
