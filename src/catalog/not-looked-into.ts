/** Something with a name of ours that is neither read nor written, because it is no folder or no plain file. */
export interface NotLookedInto {
  /** Relative to the volume. */
  readonly path: string
  /** `a symbolic link`, `a FIFO`. */
  readonly found: string
}

const MOST_NAMED = 5

/** `daily (a symbolic link), weekly (a symbolic link) and 3 more`; null where everything was looked into. */
export function notLookedIntoNames(found: readonly NotLookedInto[]): string | null {
  if (found.length === 0) return null
  const named = found.slice(0, MOST_NAMED).map(each => `${each.path} (${each.found})`)
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : ''
  return named.join(', ') + more
}

/** One line for a person who works with the archives that were found; null as above. */
export function notLookedIntoWarning(found: readonly NotLookedInto[]): string | null {
  const names = notLookedIntoNames(found)
  return names === null
    ? null
    : `not looked into: ${names}; no link on the volume is followed: mount what it leads to in its place, or move the files`
}
