import { printable } from '../system/printable.ts'

/** What a person sees: lines that stay, and on a terminal a few live lines below them that are redrawn. */
export interface Screen {
  readonly isTerminal: boolean
  /** Columns; 80 where there is no terminal. */
  readonly width: number
  /** One line on stdout that stays, or several. Whatever is in one of them, it is printed as one line, with visible escapes. */
  print(lines: string | readonly string[]): void
  /** A JSON document on stdout. */
  printJson(value: unknown): void
  /** Replaces the live lines; does nothing without a terminal. */
  live(lines: readonly string[]): void
  /** Runs something that writes to the same terminal, with the live lines out of its way. */
  aside(write: () => void): void
}

/** The part of a tty.WriteStream that a screen needs. */
export interface ScreenOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const CURSOR_UP_AND_CLEAR = '\u001B[1A\u001B[2K'

export function createScreen(output: ScreenOutput): Screen {
  let shown: readonly string[] = []
  const clear = (): void => {
    if (shown.length > 0) output.write(CURSOR_UP_AND_CLEAR.repeat(shown.length))
  }
  const draw = (): void => {
    if (shown.length > 0) output.write(`${shown.join('\n')}\n`)
  }
  const aside = (write: () => void): void => {
    clear()
    write()
    draw()
  }
  const isTerminal = output.isTTY === true
  // A terminal that nobody has told its size, as behind some `oc exec -t`, has 0 columns.
  const width = (): number => output.columns || 80
  return {
    isTerminal,
    get width() {
      return width()
    },
    print(lines) {
      const text = [lines].flat().map(line => `${printable(line)}\n`)
      if (text.length > 0) aside(() => output.write(text.join('')))
    },
    printJson: value => aside(() => output.write(`${JSON.stringify(value, null, 2)}\n`)),
    live(lines) {
      if (!isTerminal) return
      clear()
      // A line that wraps could not be cleared again.
      shown = lines.map(line => printable(line).slice(0, width() - 1))
      draw()
    },
    aside,
  }
}
