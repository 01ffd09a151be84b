import { describe, expect, test } from 'vitest'
import { createScreen, type Screen } from '../../src/terminal/screen.ts'

const UP = '\u001B[1A\u001B[2K'

describe('the screen of a terminal', () => {
  test('draws live lines below, and draws them again below a line that stays', () => {
    const { screen, written } = screenOf({ isTTY: true, columns: 80 })

    screen.live(['one', 'two'])
    screen.print('stays')

    expect(written).toEqual(['one\ntwo\n', `${UP}${UP}`, 'stays\n', 'one\ntwo\n'])
  })

  test('replaces live lines by others, fewer or none', () => {
    const { screen, written } = screenOf({ isTTY: true, columns: 80 })

    screen.live(['one', 'two'])
    screen.live(['three'])
    screen.live([])
    screen.print('end')

    expect(written).toEqual(['one\ntwo\n', `${UP}${UP}`, 'three\n', UP, 'end\n'])
  })

  test('cuts live lines so that none wraps, also after the window got smaller', () => {
    const output = { isTTY: true, columns: 10 }
    const { screen, written } = screenOf(output)

    screen.live(['0123456789abc'])
    output.columns = 5
    screen.live(['0123456789abc'])

    expect(written).toEqual(['012345678\n', UP, '0123\n'])
    expect(screen.width).toBe(5)
  })

  test('gets the live lines out of the way of whatever else writes there', () => {
    const { screen, written } = screenOf({ isTTY: true, columns: 80 })
    screen.live(['live'])

    screen.aside(() => written.push('log line\n'))

    expect(written).toEqual(['live\n', UP, 'log line\n', 'live\n'])
  })
})

test('without a terminal there are no live lines and no escape signs', () => {
  const { screen, written } = screenOf({})

  screen.live(['live'])
  screen.print('stays')
  screen.aside(() => written.push('log line\n'))

  expect(written).toEqual(['stays\n', 'log line\n'])
  expect(screen).toMatchObject({ isTerminal: false, width: 80 })
})

function screenOf(output: { isTTY?: boolean; columns?: number }): {
  readonly screen: Screen
  readonly written: string[]
} {
  const written: string[] = []
  const screen = createScreen(Object.assign(output, { write: (text: string) => written.push(text) }))
  return { screen, written }
}
