import { StringDecoder } from 'node:string_decoder'

/** The longest line that is taken whole. Who writes on without a break may be a server that wants the memory. */
export const MOST_LINE_CHARACTERS = 16_384

/** The lines of a stream, without their ends. Of one that is too long there is its beginning. */
export async function* boundedLines(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let line = ''
  for await (const chunk of stream) {
    const [first = '', ...others] = decoder.write(chunk).split('\n')
    line = cut(line + first)
    for (const next of others) {
      yield line.replace(/\r$/, '')
      line = cut(next)
    }
  }
  if (line !== '') yield line.replace(/\r$/, '')
}

function cut(line: string): string {
  return line.length <= MOST_LINE_CHARACTERS ? line : line.slice(0, MOST_LINE_CHARACTERS)
}
