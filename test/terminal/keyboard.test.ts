import { PassThrough } from 'node:stream'
import type { ReadStream } from 'node:tty'
import { describe, expect, test } from 'vitest'
import { createKeyboard } from '../../src/terminal/keyboard.ts'

/** What a question gets of these chunks, and what was meant by the keys that mean something everywhere. */
async function typed(...chunks: readonly string[]): Promise<{ keys: string; meant: string[] }> {
  const terminal = new PassThrough()
  const { keys, listen } = createKeyboard(terminal as unknown as ReadStream)
  const meant: string[] = []
  using _ = listen({ interrupt: () => meant.push('interrupt'), leave: () => meant.push('leave') })
  for (const chunk of chunks) terminal.write(chunk)
  terminal.end()
  const read = await keys.toArray()
  return { keys: Buffer.concat(read).toString(), meant: meant.slice(0, -1) }
}

describe('the keys of a terminal', () => {
  test.each([
    ['a line feed', ['app\n'], 'app\r'],
    ['both', ['app\r\n'], 'app\r'],
    ['both, in two pieces', ['app\r', '\n'], 'app\r'],
    ['twice both', ['\r\n\r\n'], '\r\r'],
    ['two line feeds', ['\n\n'], '\r\r'],
    ['what is not of one byte', ['žluť\n', 'ý'], 'žluť\rý'],
  ])('FM165 %s is an Enter for each that was pressed', async (_, chunks, keys) => {
    expect(await typed(...chunks)).toEqual({ keys, meant: [] })
  })

  test('FM165 Ctrl-D leaves and is no key, Ctrl-C interrupts and is one', async () => {
    expect(await typed('a\u0004b')).toEqual({ keys: 'ab', meant: ['leave'] })
    expect(await typed('a\u0003')).toEqual({ keys: 'a\u0003', meant: ['interrupt'] })
  })
})
