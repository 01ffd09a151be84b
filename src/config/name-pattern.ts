/** A pattern for the whole name of a database: literal texts, with anything or nothing between two of them. */
export type NamePattern = readonly string[]

/**
 * Reads a percent-encoded pattern, in which `*` stands for anything and `%2A` for a star. Null where it is empty, badly
 * encoded, or nothing but stars.
 */
export function readNamePattern(text: string): NamePattern | null {
  const pattern = text.split('*').map(decoded)
  return pattern.includes(null) || pattern.every(piece => piece === '') ? null : pattern.map(piece => piece ?? '')
}

/** Whether the pattern means this name. It takes no longer than the name is long, whoever chose the name. */
export function matchesName(pattern: NamePattern, name: string): boolean {
  const first = pattern[0] ?? ''
  if (pattern.length === 1) return name === first
  const last = pattern.at(-1) ?? ''
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const piece of pattern.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
