import type { PostgresContent } from '../content.ts'

/** The roles of a server and what binds them, as a manifest keeps them. */
export type RecordedRoles = NonNullable<PostgresContent['roles']>
export type RecordedRole = RecordedRoles['roles'][number]
export type RecordedMembership = RecordedRoles['memberships'][number]
export type RecordedParameterRight = RecordedRoles['parameterRights'][number]

/** A role with nothing but its name: what CREATE ROLE makes. */
export function plainRole(name: string): RecordedRole {
  return {
    name,
    ...{ superuser: false, inherit: true, createRole: false, createDb: false, login: false },
    ...{ replication: false, bypassRls: false, connectionLimit: -1, validUntil: null, comment: null },
    settings: [],
    labels: [],
  }
}
