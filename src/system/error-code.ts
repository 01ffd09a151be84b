/** The code of a system error such as `ENOENT`; an empty text for anything else. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Passes over system errors with one of these codes; throws everything else. For a `catch` of a promise. */
export function ignoring(...codes: readonly string[]): (error: unknown) => undefined {
  return error => {
    if (!codes.includes(codeOf(error))) throw error
    return undefined
  }
}
