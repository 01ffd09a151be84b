import { confirm, isCancel, password, text } from '@clack/prompts'
import { printable } from '../system/printable.ts'

// All of them are only for terminals, and leaving a question is a no.

/** Asks a yes-or-no question on the terminal; no is the default. */
export async function askToConfirm(question: string): Promise<boolean> {
  giveSize()
  const answer = await confirm({ message: printable(question), initialValue: false })
  return !isCancel(answer) && answer
}

/** Asks for a name to be typed exactly as it is; anything else is a no. */
export async function askToTypeName(question: string, name: string): Promise<boolean> {
  giveSize()
  const answer = await text({ message: printable(question), placeholder: printable(name) })
  return !isCancel(answer) && answer === name
}

/** Asks for a password that does not show; null when the question was left or nothing was typed. */
export async function askForPassword(question: string): Promise<string | null> {
  giveSize()
  const answer = await password({ message: printable(question) })
  return isCancel(answer) || !answer ? null : answer
}

/** A terminal that nobody has told its size, as behind some `oc exec -t`, has 0 columns: one letter a line, and no end. */
function giveSize(): void {
  process.stdout.columns ||= 80
  process.stdout.rows ||= 24
}
