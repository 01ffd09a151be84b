import type { Command } from '../../cli.ts'
import type { ExitCode } from '../../exit-codes.ts'
import type { Context } from '../context.ts'
import type { RestorePrompts } from './restore-options.ts'

/** `-r` with its real parts, which are loaded here and not before. */
export async function restoreCommand(
  context: Context,
  command: Extract<Command, { readonly mode: 'restore' }>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { restore } = await import('./restore.ts')
  const prompts = process.stdin.isTTY && context.screen.isTerminal ? await terminalPrompts() : null
  return await restore(context, { ...command, prompts }, signal)
}

async function terminalPrompts(): Promise<RestorePrompts> {
  const { askForPassword, askToTypeName } = await import('../../terminal/prompt.ts')
  return { typeName: askToTypeName, password: askForPassword }
}
