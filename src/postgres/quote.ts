/** A name as SQL writes it, always in quotation marks. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as an SQL literal that means the same under every setting of `standard_conforming_strings`. */
export function quoteLiteral(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** Wraps a text in dollar quotes with a tag that the text does not hold. */
export function dollarQuote(text: string): string {
  let tag = '$backup$'
  for (let number = 1; text.includes(tag.slice(0, -1)); number++) tag = `$backup${number}$`
  return `${tag}${text}${tag}`
}
