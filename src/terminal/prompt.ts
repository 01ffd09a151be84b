import { confirm, isCancel, password, text } from '@clack/prompts'
import { printable } from '../system/printable.ts'
import { createKeyboard, type Keyboard } from './keyboard.ts'

/** How a person at a terminal is asked. Leaving a question (Esc, Ctrl-D) is a no; Ctrl-C at one ends the program. */
export interface TerminalPrompts {
  /** A yes-or-no question; no is the default, and what Enter alone says. */
  confirm(question: string): Promise<boolean>
  /** For a name to be typed exactly as it is; anything else is a no. */
  typeName(question: string, name: string): Promise<boolean>
  /** For a text, `usual` where nothing is typed; null when the question was left. */
  text(question: string, usual: string): Promise<string | null>
  /** For a password that does not show, empty where nothing was typed; null when the question was left. */
  password(question: string): Promise<string | null>
}

interface Ending {
  /** Ends a question, which then throws the signal's reason. */
  readonly signal: AbortSignal
  /** Aborts that signal as SIGINT does, which a terminal does not send while a question reads its keys. */
  interrupt(): void
}

/** For a process whose stdin and stdout are a terminal. */
export function terminalPrompts(ending: Ending): TerminalPrompts {
  const keyboard = createKeyboard(process.stdin)
  const ask: Ask = question => askOn(keyboard, ending, question)
  return {
    async confirm(question) {
      const message = printable(question)
      return (await ask(common => confirm({ message, initialValue: false, ...common }))) === true
    },
    async typeName(question, name) {
      const asked = { message: printable(question), placeholder: printable(name) }
      return (await ask(common => text({ ...asked, ...common }))) === name
    },
    async text(question, usual) {
      const asked = { message: printable(question), placeholder: printable(usual), defaultValue: usual }
      return await ask(common => text({ ...asked, ...common }))
    },
    async password(question) {
      const answer = await ask(common => password({ message: printable(question), ...common }))
      return answer === undefined ? '' : answer
    },
  }
}

type Ask = <Answer>(question: (common: Common) => Promise<Answer>) => Promise<Exclude<Answer, symbol> | null>

/** What every question needs. */
interface Common {
  readonly input: Keyboard['keys']
  readonly signal: AbortSignal
}

/** Null when the question was left. */
async function askOn<Answer>(
  keyboard: Keyboard,
  { signal, interrupt }: Ending,
  question: (common: Common) => Promise<Answer>,
): Promise<Exclude<Answer, symbol> | null> {
  signal.throwIfAborted()
  if (keyboard.keys.readableEnded) return null
  giveSize()
  const left = new AbortController()
  using _ = keyboard.listen({ interrupt, leave: () => left.abort() })
  const answer = await question({ input: keyboard.keys, signal: AbortSignal.any([signal, left.signal]) })
  signal.throwIfAborted()
  return isCancel(answer) ? null : (answer as Exclude<Answer, symbol>)
}

/** A terminal that nobody has told its size, as behind some `oc exec -t`, has 0 columns: one letter a line, and no end. */
function giveSize(): void {
  process.stdout.columns ||= 80
  process.stdout.rows ||= 24
}
