import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { boundedLines, MOST_LINE_CHARACTERS } from '../../src/system/bounded-lines.ts'

async function linesOf(...chunks: readonly (string | Buffer)[]): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of boundedLines(Readable.from(chunks.map(chunk => Buffer.from(chunk))))) lines.push(line)
  return lines
}

test('lines come without their ends, however they were cut into pieces', async () => {
  const umlaut = Buffer.from('ä')

  expect(await linesOf('one\ntw', 'o\r', '\n\nthr', umlaut.subarray(0, 1), umlaut.subarray(1), 'e')).toEqual([
    'one',
    'two',
    '',
    'thräe',
  ])
  expect(await linesOf()).toEqual([])
  expect(await linesOf('whole\n')).toEqual(['whole'])
})

test('FM241 of a line without end there is its beginning, and the next one is whole', async () => {
  const piece = 'x'.repeat(65_536)

  const [long = '', next] = await linesOf(...Array.from({ length: 500 }, () => piece), '\nnext')

  expect(long).toHaveLength(MOST_LINE_CHARACTERS)
  expect(next).toBe('next')
})
