import type { Command } from '../../cli.ts'
import type { ExitCode } from '../../exit-codes.ts'
import type { Context } from '../context.ts'

/** `-p` with its real parts, which are loaded here and not before. */
export async function pruneCommand(
  context: Context,
  command: Extract<Command, { readonly mode: 'prune' }>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const [{ pruneBackups }, { holdsWholeDump }] = await Promise.all([
    import('./prune.ts'),
    import('../../archive/whole-dump.ts'),
  ])
  const confirm = async (question: string): Promise<boolean> =>
    (await import('../../terminal/prompt.ts')).askToConfirm(question)
  return await pruneBackups(context, { ...command, check: holdsWholeDump, confirm }, signal)
}
