import { TokenReader } from './token-reader.ts'
import { tokensOf } from './tokens.ts'

/**
 * The parts of a name as written (`shop."a.b"`), without quotation marks, those without any folded to lower case; one
 * character per byte.
 */
export function nameParts(written: string): readonly string[] {
  const tokens = [...tokensOf(Buffer.from(written, 'latin1'))]
  return tokens
    .filter(token => token.kind !== 'sign')
    .map(token => (token.kind === 'name' ? token.text.slice(1, -1).replaceAll('""', '"') : lowered(token.text)))
}

/** The text of a plain literal ('…'), one character per byte. */
function literalValue(written: string): string {
  return written.slice(1, -1).replaceAll("''", "'")
}

/** The first literal of a statement, without its quotes; null where there is none. */
export function firstLiteral(statement: Buffer): string | null {
  const reader = new TokenReader(tokensOf(statement))
  while (!reader.atEnd) {
    const token = reader.next()
    if (token?.kind === 'string') return literalValue(token.text)
  }
  return null
}

function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
}
