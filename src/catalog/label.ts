/** In characters as people count them, nearly: in code points. */
const LONGEST_LABEL = 100

/**
 * Whether a text can be the label of an archive: people read it in one line of a listing, so it holds no line break, no
 * control character and nothing that cannot be seen or that turns the direction of text.
 */
export function isLabel(text: unknown): text is string {
  if (typeof text !== 'string' || text.trim() !== text) return false
  return /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(text) && [...text].length <= LONGEST_LABEL
}
