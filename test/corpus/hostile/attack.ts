/** What a run may say of an archive. `any`: the witnesses alone count. */
export type Expected = 'refused' | 'proved' | 'any'

/** One attack of an archive on whoever backs up, proves or restores it. */
export interface Attack {
  /** Also the name of its database: lower case, digits and underscores. */
  readonly name: string
  /** FM77 code of table owners, FM90 what queries of ours or pg_dump would call, FM91 what only a superuser can make, FM92 tampering, FM143 what ANALYZE calls. */
  readonly fault: 'FM77' | 'FM90' | 'FM91' | 'FM92' | 'FM143'
  /** The catalog, or the part of an archive, that holds it. */
  readonly where: string
  /** What a careless program would suffer. */
  readonly sees: string
  /** T1: what the superuser of the source database runs in it, behind the payload. */
  readonly sql?: string
  /** For SQL that changes roles of the source: how the source becomes again what the others expect. */
  readonly undo?: string
  /** T2: what is then done to the archive on the volume. */
  readonly tampered?: Tampered
  /** Majors of the server that it is for. */
  readonly from?: number
  readonly until?: number
  /**
   * `refused`: -v says could-not-verify, and names an object that matches `names` where it is given; -r ends with another
   * code than 0 and leaves no database. `proved`: -v proves it, and -r restores it.
   */
  readonly expected: Expected
  readonly names?: RegExp
  /** What a careless session does after loading, for the control; nothing where loading is enough. */
  readonly provoke?: string
  /** Why psql as a superuser is no control: then it has to be seen red otherwise. */
  readonly noControl?: string
  /** Part of the quick suite. */
  readonly quick?: true
}

export interface Tampered {
  roles?(text: string): string
  dump?(text: string): string
  database?(text: string): string
  /** Gets the manifest as it is after the parts were changed, as plain JSON. */
  manifest?(manifest: ManifestJson): unknown
  /** The manifest is removed, as of an archive of the bash tool. */
  readonly noManifest?: true
}

/** As much of a manifest as attacks change. */
export interface ManifestJson {
  archive: string
  database: Record<string, unknown> & { name: string; settings: unknown[]; acl: unknown[]; tablespaces: string[] }
  server: Record<string, unknown>
  tools: Record<string, unknown>
  parts: { part: string; offset: number; bytes: number; status: string }[]
  fingerprint: Record<string, unknown> & { session: Record<string, unknown>; tables: Record<string, unknown>[] }
  [field: string]: unknown
}

/**
 * A table whose only row is a trap: whoever loads it runs these statements, one after the other, with his own rights. On
 * the source server they do nothing.
 */
export function trap(...statements: readonly string[]): string {
  const list = statements.map(statement => `$trap$${statement}$trap$`).join(', ')
  return `CREATE TABLE hostile.trap (a integer CHECK (hostile.run(ARRAY[${list}])));
INSERT INTO hostile.trap VALUES (1);`
}

/** Puts statements at the end of a dump, in front of its trailer. */
export function added(statements: string): Tampered {
  return { dump: text => text.replace('--\n-- PostgreSQL database dump complete', () => `${statements}\n\n${TRAILER}`) }
}

const TRAILER = '--\n-- PostgreSQL database dump complete'
