/** A role as a manifest keeps it. Never a password, nor a hash of one. */
export interface RecordedRole {
  readonly name: string
  readonly superuser: boolean
  readonly inherit: boolean
  readonly createRole: boolean
  readonly createDb: boolean
  readonly login: boolean
  readonly replication: boolean
  readonly bypassRls: boolean
  /** -1: no limit. */
  readonly connectionLimit: number
  /** As PostgreSQL prints it; null: for ever. */
  readonly validUntil: string | null
  readonly comment: string | null
  /** Those of the role in every database; the value as pg_db_role_setting keeps it. */
  readonly settings: readonly { readonly name: string; readonly value: string }[]
  readonly labels: readonly { readonly provider: string; readonly label: string }[]
}

/** `member` has the rights of `role`. */
export interface RecordedMembership {
  readonly role: string
  readonly member: string
  readonly admin: boolean
  /** Null before PostgreSQL 16, where the member's own attribute says it. */
  readonly inherit: boolean | null
  readonly set: boolean
  /** Who granted it; means nothing on another server. */
  readonly grantor: string | null
}

/** What one grantee may do with a parameter of the server (from 15 on); null is PUBLIC. */
export interface RecordedParameterRight {
  readonly parameter: string
  readonly grantee: string | null
  readonly privileges: readonly ('SET' | 'ALTER SYSTEM')[]
  readonly grantable: boolean
}

/** The roles of a server and what binds them, as data. */
export interface RecordedRoles {
  readonly roles: readonly RecordedRole[]
  readonly memberships: readonly RecordedMembership[]
  readonly parameterRights: readonly RecordedParameterRight[]
}

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
