/** One option of a line, as it is written: `value` is still percent-encoded. */
export interface LineOption {
  readonly name: string
  readonly value: string
}

/** Takes what follows a `?` apart: `name=value` joined by `&`. What is empty is left out. */
export function lineOptions(text: string): readonly LineOption[] {
  const words = text.split('&').filter(word => word !== '')
  return words.map(word => {
    const [, name = word, value = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? []
    return { name, value }
  })
}
