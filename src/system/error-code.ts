/** The code of a system error such as `ENOENT`; an empty text for anything else. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Whether a file system said that it, or what this user may have of it, is full. */
export function isOutOfSpace(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error))
}

/** Passes over system errors with one of these codes; throws everything else. For a `catch` of a promise. */
export function ignoring(...codes: readonly string[]): (error: unknown) => undefined {
  return error => {
    if (!codes.includes(codeOf(error))) throw error
    return undefined
  }
}
