/** Names of PostgreSQL's encodings that others call differently, from the first letters on. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^(?:UTF8|UNICODE|SQL_ASCII)$/, 'utf-8'],
  [/^LATIN([1-4])$/, 'iso-8859-$1'],
  [/^LATIN5$/, 'iso-8859-9'],
  [/^LATIN6$/, 'iso-8859-10'],
  [/^LATIN7$/, 'iso-8859-13'],
  [/^LATIN8$/, 'iso-8859-14'],
  [/^LATIN9$/, 'iso-8859-15'],
  [/^LATIN10$/, 'iso-8859-16'],
  [/^ISO_8859_(\d)$/, 'iso-8859-$1'],
  [/^WIN866$/, 'ibm866'],
  [/^WIN(\d+)$/, 'windows-$1'],
  [/^KOI8R?$/, 'koi8-r'],
  [/^KOI8U$/, 'koi8-u'],
  [/^EUC_CN$/, 'gbk'],
  [/^EUC_(JP|KR)$/, 'euc-$1'],
]

/**
 * What a name may be whose bytes, one a character, stand in a text of this encoding of PostgreSQL: read so, and as UTF-8,
 * in which roles are written beside dumps of another encoding. Empty where it is neither.
 */
export function decodingsOf(bytes: string, encoding: string): readonly string[] {
  if (!/[\x80-\xff]/.test(bytes)) return [bytes]
  const known = ELSEWHERE.find(([pattern]) => pattern.test(encoding.toUpperCase()))
  const label = known === undefined ? 'utf-8' : encoding.toUpperCase().replace(...known)
  return [...new Set([label, 'utf-8'])].flatMap(each => decoded(Buffer.from(bytes, 'latin1'), each) ?? [])
}

function decoded(bytes: Buffer, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
