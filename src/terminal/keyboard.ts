import { Transform } from 'node:stream'
import type { ReadStream } from 'node:tty'

const CTRL_C = 0x03
const CTRL_D = 0x04
const LINE_FEED = 0x0a
const RETURN = 0x0d

/** What two keys mean while a question is there. */
interface Meanings {
  /** Ctrl-C, which the question gets too. */
  interrupt(): void
  /** Ctrl-D, and the end of the terminal. */
  leave(): void
}

/** Keys for a question, which takes them for a terminal's. */
export interface Keyboard {
  readonly keys: Transform
  /** Reads keys until it is disposed; what is typed later is for the next question. */
  listen(meanings: Meanings): Disposable
}

/**
 * The keys of a terminal, as questions are to find them. They take a line feed for a key that chooses, so that it turns a
 * no into a yes: here it is the Enter that it was meant as (typed before the question was there, pasted, sent by a
 * script). Behind a carriage return it is half of one Enter, and nothing, also where the next question would get it.
 */
export function createKeyboard(terminal: ReadStream): Keyboard {
  let meant: Meanings | null = null
  const keyOf = createKeys({ interrupt: () => meant?.interrupt(), leave: () => meant?.leave() })
  const keys = new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, Buffer.from([...chunk].flatMap(keyOf))),
  })
  const setRawMode = (isRaw: boolean): void => void terminal.setRawMode(isRaw)
  return {
    keys: Object.assign(keys, { isTTY: true, setRawMode }),
    listen(meanings) {
      meant = meanings
      const { leave } = meanings
      keys.on('end', leave)
      terminal.pipe(keys)
      return {
        [Symbol.dispose]: () => {
          terminal.unpipe(keys).pause()
          keys.off('end', leave)
          meant = null
        },
      }
    },
  }
}

function createKeys({ interrupt, leave }: Meanings): (byte: number) => number[] {
  let isHalf = false
  return byte => {
    const wasHalf = isHalf
    isHalf = byte === RETURN
    if (byte === CTRL_C) interrupt()
    if (byte === CTRL_D) leave()
    if (byte === CTRL_D || (byte === LINE_FEED && wasHalf)) return []
    return [byte === LINE_FEED ? RETURN : byte]
  }
}
