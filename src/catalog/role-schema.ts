import { z } from 'zod'

/** No name and no value of PostgreSQL holds a zero byte: it would cut a statement off. */
const text = z.string().refine(value => !value.includes('\0'), 'a zero byte; expected text')
const name = text.min(1)

const role = z.looseObject({
  name,
  superuser: z.boolean(),
  inherit: z.boolean(),
  createRole: z.boolean(),
  createDb: z.boolean(),
  login: z.boolean(),
  replication: z.boolean(),
  bypassRls: z.boolean(),
  connectionLimit: z.int(),
  validUntil: text.nullable(),
  comment: text.nullable(),
  settings: z.array(z.looseObject({ name, value: text })),
  labels: z.array(z.looseObject({ provider: name, label: text })),
})

const membership = z.looseObject({
  role: name,
  member: name,
  admin: z.boolean(),
  inherit: z.boolean().nullable(),
  set: z.boolean(),
  grantor: name.nullable(),
})

const parameterRight = z.looseObject({
  parameter: name,
  grantee: name.nullable(),
  privileges: z.array(z.enum(['SET', 'ALTER SYSTEM'])),
  grantable: z.boolean(),
})

/** The roles of a server as a manifest holds them since they are data. */
export const recordedRoles = z.looseObject({
  roles: z.array(role),
  memberships: z.array(membership),
  parameterRights: z.array(parameterRight),
})

const privilege = z.enum(['CONNECT', 'CREATE', 'TEMPORARY'])

/** Fields of `database` in a manifest that a restore gives to a new database. */
export const givenFacts = {
  owner: name.nullable(),
  settings: z.array(z.looseObject({ role: name.nullable(), name, value: text })),
  acl: z.array(
    z.looseObject({ grantee: name.nullable(), privileges: z.array(privilege), grantable: z.array(privilege) }),
  ),
  comment: text.nullable(),
  connectionLimit: z.int(),
}
