import { z } from 'zod'
import { type KnownFields, type Manifest, problemText } from '../../catalog/manifest.ts'
import { OperatorError } from '../../errors.ts'
import type { CountedTable } from '../counted-table.ts'

/** No name and no value of PostgreSQL holds a zero byte: it would cut a statement off. */
const text = z.string().refine(value => !value.includes('\0'), 'a zero byte; expected text')
const name = text.min(1)

/** A role. Never a password, nor a hash of one. */
const role = z.looseObject({
  name,
  superuser: z.boolean(),
  inherit: z.boolean(),
  createRole: z.boolean(),
  createDb: z.boolean(),
  login: z.boolean(),
  replication: z.boolean(),
  bypassRls: z.boolean(),
  /** -1: no limit. */
  connectionLimit: z.int(),
  /** As PostgreSQL prints it; null: for ever. */
  validUntil: text.nullable(),
  comment: text.nullable(),
  /** Those of the role in every database; the value as pg_db_role_setting keeps it. */
  settings: z.array(z.looseObject({ name, value: text })),
  labels: z.array(z.looseObject({ provider: name, label: text })),
})

/** `member` has the rights of `role`. */
const membership = z.looseObject({
  role: name,
  member: name,
  admin: z.boolean(),
  /** Null before PostgreSQL 16, where the member's own attribute says it. */
  inherit: z.boolean().nullable(),
  set: z.boolean(),
  /** Who granted it; means nothing on another server. */
  grantor: name.nullable(),
})

/** What one grantee may do with a parameter of the server (from 15 on); null is PUBLIC. */
const parameterRight = z.looseObject({
  parameter: name,
  grantee: name.nullable(),
  privileges: z.array(z.enum(['SET', 'ALTER SYSTEM'])),
  grantable: z.boolean(),
})

/** The roles of a server, since they are data. */
const recordedRoles = z.looseObject({
  roles: z.array(role),
  memberships: z.array(membership),
  parameterRights: z.array(parameterRight),
})

const privilege = z.enum(['CONNECT', 'CREATE', 'TEMPORARY'])

const bytes = z.int().nonnegative()
const digested = z.looseObject({ count: z.int().nonnegative(), sha256: z.string() })

const database = z.looseObject({
  host: z.string(),
  port: z.int(),
  name: z.string(),
  owner: name.nullable(),
  encoding: z.string(),
  collate: z.string().nullable(),
  ctype: z.string().nullable(),
  localeProvider: z.string().exactOptional(),
  icuLocale: z.string().nullable().exactOptional(),
  icuRules: text.exactOptional(),
  collationVersion: z.string().exactOptional(),
  settings: z.array(z.looseObject({ role: name.nullable(), name, value: text })),
  acl: z.array(
    z.looseObject({ grantee: name.nullable(), privileges: z.array(privilege), grantable: z.array(privilege) }),
  ),
  comment: text.nullable(),
  connectionLimit: z.int(),
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
    /** Of dumps from before this was fixed it is not known, and is not here. */
    lcMonetary: z.string().exactOptional(),
  }),
  statements: digested.extend({
    /** What statement-beginnings.ts says of them; not in older manifests, nor where there are very many. */
    beginnings: z.base64().exactOptional(),
  }),
  sequences: digested,
  largeObjects: digested,
  tables: z.array(
    z.looseObject({
      name: z.string(),
      columns: z.array(z.string()),
      rows: z.int().nonnegative(),
      sha256: z.string(),
      /** In bytes as written, newline included; absent where no row is longer than 16 KiB, and in older manifests. */
      longestRow: bytes.exactOptional(),
      /** Of a partition: the table that it is of in the end. Not in older manifests. */
      root: z.string().exactOptional(),
    }),
  ),
})

/** The one description of what only PostgreSQL's manifests say. */
const schema = z.looseObject({
  database,
  /** Not in manifests of the first version, whose archives say it in text only, and where the roles could not be read. */
  roles: recordedRoles.exactOptional(),
  server: z.looseObject({ version: z.string() }),
  tools: z.looseObject({ pgDump: z.string() }),
  parts: z.array(z.looseObject({ part: z.enum(['roles', 'dump', 'database']) })),
  fingerprint,
})

/** Fields of a manifest that say what was dumped; of `tools` only what belongs to the dump. */
export type PostgresContent = Omit<KnownFields<z.infer<typeof schema>>, 'parts'>

/** Everything known about one archive of PostgreSQL. */
export type PostgresManifest = Manifest & PostgresContent

/** Whether the manifest was written when the archive was: one that was made from the archive says only what that holds. */
export function saysWhatWasDumped(manifest: PostgresManifest | null): boolean {
  return manifest !== null && manifest.adopted === undefined
}

/** What is wrong with the fields that only PostgreSQL's manifests have; null where all is well. */
export function postgresContentProblem(manifest: Manifest): string | null {
  const result = schema.safeParse(manifest)
  return result.success ? null : problemText(result.error)
}

/** A manifest with its content; null without one. Throws an OperatorError of kind `incomplete` where it can't be used. */
export function postgresManifest(manifest: Manifest | null): PostgresManifest | null {
  if (manifest === null) return null
  const problem = postgresContentProblem(manifest)
  if (problem === null) return manifest as PostgresManifest
  throw new OperatorError('incomplete', `the manifest of ${manifest.archive} cannot be used: ${problem}`)
}

/** The tables that a fingerprint counts. */
export function postgresTables({ fingerprint }: Pick<PostgresContent, 'fingerprint'>): readonly CountedTable[] {
  return fingerprint.tables.map(({ name, columns, rows, sha256, root = null }) => {
    return { name, columns, rows, digest: sha256, root }
  })
}
