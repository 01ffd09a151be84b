/** Text in lines of at most `width` characters, broken at blanks; a longer word has a line of its own. Null: one line. */
export function wrapText(text: string, width: number | null): readonly string[] {
  if (width === null) return [text]
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${line} ${word}`
  }
  return lines
}
