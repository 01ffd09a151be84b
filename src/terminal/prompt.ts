import { confirm, isCancel, password, text } from '@clack/prompts'
import { printable } from '../system/printable.ts'

/** How a person at a terminal is asked. Leaving a question (Esc) is a no; Ctrl-C at one ends the program. */
export interface TerminalPrompts {
  /** A yes-or-no question; no is the default. */
  confirm(question: string): Promise<boolean>
  /** For a name to be typed exactly as it is; anything else is a no. */
  typeName(question: string, name: string): Promise<boolean>
  /** For a text, `usual` where nothing is typed; null when the question was left. */
  text(question: string, usual: string): Promise<string | null>
  /** For a password that does not show; null when the question was left or nothing was typed. */
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
  const { signal } = ending
  return {
    async confirm(question) {
      const answer = await ask(ending, () => confirm({ message: printable(question), initialValue: false, signal }))
      return answer === true
    },
    async typeName(question, name) {
      const placeholder = printable(name)
      return (await ask(ending, () => text({ message: printable(question), placeholder, signal }))) === name
    },
    async text(question, usual) {
      const asked = { message: printable(question), placeholder: printable(usual), defaultValue: usual, signal }
      return await ask(ending, () => text(asked))
    },
    async password(question) {
      return (await ask(ending, () => password({ message: printable(question), signal }))) || null
    },
  }
}

/** Null when the question was left. */
async function ask<Answer>(
  { signal, interrupt }: Ending,
  question: () => Promise<Answer>,
): Promise<Exclude<Answer, symbol> | null> {
  signal.throwIfAborted()
  giveSize()
  const { stdin } = process
  const onKey = (_: unknown, key: { readonly ctrl?: boolean; readonly name?: string }): void => {
    if (key.ctrl === true && key.name === 'c') interrupt()
  }
  stdin.on('keypress', onKey)
  try {
    const answer = await question()
    signal.throwIfAborted()
    return isCancel(answer) ? null : (answer as Exclude<Answer, symbol>)
  } finally {
    stdin.off('keypress', onKey)
  }
}

/** A terminal that nobody has told its size, as behind some `oc exec -t`, has 0 columns: one letter a line, and no end. */
function giveSize(): void {
  process.stdout.columns ||= 80
  process.stdout.rows ||= 24
}
