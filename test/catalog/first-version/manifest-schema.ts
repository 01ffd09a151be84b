import { z } from 'zod'

// The schema by which the first version of this program reads manifests, as it was (commit 1bf18a4). It is never changed: a
// pod may go back to that version, which then has to read what this one wrote.

const MANIFEST_VERSION = 1

const remark = z.looseObject({
  kind: z.string(),
  name: z.string().nullable(),
  sqlstate: z.string().nullable(),
  text: z.string(),
})
const instant = z.iso.datetime({ offset: true })
const destination = z.enum(['volume', 'ftp', 's3'])
const bytes = z.int().nonnegative()
const digested = z.looseObject({ count: z.int().nonnegative(), sha256: z.string() })

const database = z.looseObject({
  host: z.string(),
  port: z.int(),
  name: z.string(),
  owner: z.string().nullable(),
  encoding: z.string(),
  collate: z.string().nullable(),
  ctype: z.string().nullable(),
  localeProvider: z.string().exactOptional(),
  icuLocale: z.string().nullable().exactOptional(),
  settings: z.array(z.looseObject({ role: z.string().nullable(), name: z.string(), value: z.string() })),
  acl: z.array(
    z.looseObject({ grantee: z.string().nullable(), privileges: z.array(z.string()), grantable: z.array(z.string()) }),
  ),
  comment: z.string().nullable(),
  connectionLimit: z.int(),
  tablespaces: z.array(z.string()),
  extensions: z.array(z.looseObject({ name: z.string(), version: z.string().nullable() })),
  sizeBytes: bytes.nullable(),
})

const fingerprint = z.looseObject({
  version: z.literal(1),
  session: z.looseObject({ timeZone: z.literal('UTC'), clientEncoding: z.string() }),
  statements: digested,
  sequences: digested,
  largeObjects: digested,
  tables: z.array(
    z.looseObject({ name: z.string(), columns: z.array(z.string()), rows: z.int().nonnegative(), sha256: z.string() }),
  ),
})

/**
 * Of an archive of the bash tool, whose manifest was made later from its own bytes: when, and which fields nobody knows.
 * These are null, or where they can't be null empty, -1, or the same as `startedAt`.
 */
const adopted = z.looseObject({ at: instant, unknown: z.array(z.string()) })

const schema = z.looseObject({
  schemaVersion: z.literal(MANIFEST_VERSION),
  archive: z.string(),
  tier: z.enum(['daily', 'weekly', 'monthly']).nullable(),
  startedAt: instant,
  finishedAt: instant,
  database,
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

/** What the first version would say of a manifest; null where it can use it. */
export function firstVersionProblem(text: string): string | null {
  const result = schema.safeParse(JSON.parse(text))
  if (result.success) return null
  const issue = result.error.issues[0]
  return `field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'not valid'}; expected a manifest of schema version ${MANIFEST_VERSION}`
}
