import type { Command } from '../../cli.ts'

/** What a person at a terminal is asked; every question can be left, which is a no. */
export interface RestorePrompts {
  typeName(question: string, name: string): Promise<boolean>
  text(question: string, usual: string): Promise<string | null>
  password(question: string): Promise<string | null>
}

/** The flags of `-r`, and how to ask; null where nobody sits at a terminal. */
export type RestoreOptions = Omit<Extract<Command, { readonly mode: 'restore' }>, 'mode'> & {
  readonly prompts: RestorePrompts | null
}
