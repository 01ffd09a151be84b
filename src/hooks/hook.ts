/** The hooks by the names of their files, in the order of a run. */
export const HOOK_NAMES = ['before-run', 'before-source', 'after-source', 'after-run', 'on-failure'] as const

export type HookName = (typeof HOOK_NAMES)[number]

/** With which a hook before something says that it is not to take place, and nobody need be told. */
export const SKIP_CODE = 75

/** What a hook is told; what does not apply is not there. */
export interface HookFacts {
  /** The name of the source. */
  readonly source?: string
  /** Absolute path. */
  readonly archive?: string
  readonly result?: 'backed-up' | 'failed'
  /** Why, as the report says it. */
  readonly reason?: string
}

/** The variables by which it is told, beside those that every child gets. */
export function hookVariables(name: HookName, runId: string, facts: HookFacts): Readonly<Record<string, string>> {
  const all = {
    BACKUP_EVENT: name,
    BACKUP_RUN: runId,
    BACKUP_SPEC: facts.source,
    BACKUP_ARCHIVE: facts.archive,
    BACKUP_RESULT: facts.result,
    // A NUL ends what a process can be told.
    BACKUP_REASON: facts.reason?.replaceAll('\0', ' '),
  }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
