import { printable } from '../../../system/printable.ts'

/** A name as SQL writes it, always in quotation marks. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A name for SQL that a person is to copy from a screen: what a screen does not show as it is stands as an escape of SQL. */
export function copyableIdentifier(name: string): string {
  if (printable(name) === name) return quoteIdentifier(name)
  const escaped = Array.from(name, character => {
    const code = character.codePointAt(0) ?? 0
    return character === '\\' || printable(character) !== character
      ? `\\+${code.toString(16).padStart(6, '0')}`
      : character
  })
  return `U&${quoteIdentifier(escaped.join(''))}`
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

/** For people: what removes a database; PostgreSQL drops no template. */
export function dropStatement(database: string, { isTemplate } = { isTemplate: false }): string {
  const name = copyableIdentifier(database)
  return `${isTemplate ? `ALTER DATABASE ${name} IS_TEMPLATE false; ` : ''}DROP DATABASE ${name};`
}
