import { confirm, isCancel } from '@clack/prompts'

/** Asks a yes-or-no question on the terminal; no is the default, and leaving the question is a no. Only for terminals. */
export async function askToConfirm(question: string): Promise<boolean> {
  const answer = await confirm({ message: question, initialValue: false })
  return !isCancel(answer) && answer
}
