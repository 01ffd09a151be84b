import type { Omitted } from '../connection/server-messages.ts'
import type { FoundKept } from '../swap/kept-databases.ts'

/** `ALTER DATABASE … SET`, or with a role `ALTER ROLE … IN DATABASE … SET`; the value as pg_db_role_setting keeps it. */
export interface DatabaseSetting {
  readonly role: string | null
  readonly name: string
  readonly value: string
}

/** All that can be granted on a database. */
export const DATABASE_PRIVILEGES = ['CONNECT', 'CREATE', 'TEMPORARY'] as const
export type DatabasePrivilege = (typeof DATABASE_PRIVILEGES)[number]

/** What one grantee may do with the database; null is PUBLIC. `grantable` are those of `privileges` it may grant on. */
export interface AclItem {
  readonly grantee: string | null
  readonly privileges: readonly DatabasePrivilege[]
  readonly grantable: readonly DatabasePrivilege[]
}

/** The facts of a database that can be given to another one. */
export type GivenFacts = Pick<
  RecordedDatabase,
  'owner' | 'settings' | 'acl' | 'comment' | 'connectionLimit' | 'isTemplate'
>

/** What a manifest says of a database, besides what pg_dump writes. */
export interface RecordedDatabase {
  readonly host: string
  readonly port: number
  readonly name: string
  readonly owner: string
  readonly encoding: string
  readonly collate: string
  readonly ctype: string
  /** `libc`, `icu` or `builtin`. */
  readonly localeProvider: string
  /** The locale of `icu` or `builtin`. */
  readonly icuLocale: string | null
  /** What changes ICU's own order, from PostgreSQL 16 on; absent: nothing does. */
  readonly icuRules?: string
  /** Of the locale, as the server notes it when the database is made; absent where it notes none. */
  readonly collationVersion?: string
  readonly settings: readonly DatabaseSetting[]
  /** Empty: the rights that every new database has. Otherwise all of them, the owner's first, even where it has none. */
  readonly acl: readonly AclItem[]
  readonly comment: string | null
  /** -1: no limit. */
  readonly connectionLimit: number
  /** Here and in the next, absent is false. */
  readonly isTemplate?: boolean
  /** Its schema public was dropped, which every new database has. */
  readonly withoutPublic?: boolean
  /** Those that objects of this database lie in, besides its default one where that is `pg_default`. */
  readonly tablespaces: readonly string[]
  readonly extensions: readonly { readonly name: string; readonly version: string }[]
  readonly sizeBytes: number
}

/** Something that pg_dump would have to read and that this role can't, or can in part only. */
export interface Unreadable {
  readonly kind: 'schema' | 'table' | 'sequence' | 'large object'
  readonly name: string
  readonly reason: string
}

/** All that is known about a database before it is dumped. */
export interface DatabaseFacts {
  readonly database: RecordedDatabase
  readonly server: {
    /** Such as `15.18`. */
    readonly version: string
    readonly major: number
    readonly isInRecovery: boolean
    /** Every parameter that a session on this server may SET by name. */
    readonly settingNames: ReadonlySet<string>
  }
  /** As whom we were logged in. */
  readonly role: { readonly name: string; readonly isSuperuser: boolean }
  /** How many tables with rows of their own a dump has to hold. */
  readonly tables: number
  readonly unreadable: readonly Unreadable[]
  /** What pg_dump leaves out for this role without failing, found by asking the catalog. */
  readonly omitted: readonly Omitted[]
  /** For the manifest and for people: full sentences without data. */
  readonly notes: readonly string[]
  /** What restores have kept beside it; null where the server does not say. */
  readonly kept: readonly FoundKept[] | null
}
