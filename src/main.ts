#!/usr/bin/env node
import type { Command } from './cli.ts'
import type { Context } from './commands/context.ts'
import { type InterruptingSignal, Interruption } from './errors.ts'
import { type ExitCode, exitCodeOfSignal } from './exit-codes.ts'
import { nodeVersionProblem } from './system/node-version.ts'
import type { TerminalPrompts } from './terminal/prompt.ts'

// Everything else is imported when it is needed: `-h` should not wait for it.

/** What an interrupted process still has for telling, before the platform's patience is at its end. */
const LAST_WORD_MS = 5_000

const versionProblem = nodeVersionProblem(process.versions.node)
if (versionProblem === null) {
  // One that was begun goes on when its reader leaves, as in `backup -1 | head`.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.exitCode = await main(process.argv.slice(2))
} else {
  process.stderr.write(`backup: ${versionProblem}; use scripts/backup, which brings its own\n`)
  process.exitCode = 2
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const { parseArguments } = await import('./cli.ts')
  const { command, notes } = parseArguments(argv)
  for (const note of notes) process.stderr.write(`backup: ${note}\n`)
  switch (command.mode) {
    case 'help':
    case 'usage-error':
    case 'version':
      return await inform(command)
    default:
      return await work(command)
  }
}

type Work = Exclude<Command, { readonly mode: 'help' | 'usage-error' | 'version' }>
type Information = Exclude<Command, Work>

async function inform(command: Information): Promise<ExitCode> {
  const { usageErrorText, usageText } = await import('./commands/help.ts')
  switch (command.mode) {
    case 'help':
      process.stdout.write(usageText())
      return 0
    case 'version': {
      const { programVersion } = await import('./system/program-version.ts')
      process.stdout.write(`${programVersion()}\n`)
      return 0
    }
    case 'usage-error':
      process.stderr.write(usageErrorText(command.message))
      return 2
  }
}

async function work(command: Work): Promise<ExitCode> {
  const { createContext } = await import('./commands/create-context.ts')
  const { shareVolume } = await import('./commands/share-volume.ts')
  const { env, stdout, stderr } = process
  const parts = { env, workingDir: process.cwd(), stdout, stderr }
  const signals = listenForSignals(command.mode === 'service' ? 2 : 1)
  let context: Context | null = null
  try {
    context = createContext(parts)
    shareVolume(context.configuration.settings)
    const code =
      command.mode === 'service'
        ? await (await import('./commands/service/service.ts')).service({ context, parts }, signals)
        : await run(command, context, signals)
    return signals.exitCode() ?? code
  } catch (error) {
    const { reportFatal } = await import('./commands/report-fatal.ts')
    const code = reportFatal(error, context?.log ?? null, line => stderr.write(line))
    return signals.exitCode() ?? code
  } finally {
    await context?.notifications.settle(signals.signal.aborted ? AbortSignal.timeout(LAST_WORD_MS) : signals.again)
  }
}

async function run(
  command: Exclude<Work, { readonly mode: 'service' }>,
  given: Context,
  signals: Signals,
): Promise<ExitCode> {
  const { signal } = signals
  const { lookUpFor } = await import('./commands/look-up-for.ts')
  const context = await lookUpFor(command, given, signal)
  switch (command.mode) {
    case 'backup':
      return await (await import('./commands/backup/backup.ts')).backup(context, command, signal)
    case 'list':
      return await list(context, command, signal)
    case 'changes':
      return await (await import('./commands/changes/changes.ts')).changes(context, command, signal)
    case 'accept':
      return await (await import('./commands/alarm/accept.ts')).accept(context, command, signal)
    case 'prune':
      return await prune(context, command, signals)
    case 'restore':
      return await restore(context, command, signals)
    case 'verify':
      return await (await import('./commands/verify/verify.ts')).verify(context, command, signal)
    case 'test-notifications':
      return await (await import('./commands/test-notifications.ts')).testNotifications(context, signal)
    case 'check-configuration':
      return await (await import('./commands/check-configuration/check-configuration.ts')).checkConfiguration(
        context,
        command,
        signal,
      )
  }
}

type CommandOf<Mode extends Work['mode']> = Extract<Work, { readonly mode: Mode }>

async function list(context: Context, command: CommandOf<'list'>, signal: AbortSignal): Promise<ExitCode> {
  const { from } = command
  if (from !== null) {
    return await (await import('./commands/list/list-copies.ts')).listCopies(context, { ...command, from }, signal)
  }
  return await (await import('./commands/list/list.ts')).list(context, command, signal)
}

async function prune(context: Context, command: CommandOf<'prune'>, signals: Signals): Promise<ExitCode> {
  const { prune: pruneBackups } = await import('./commands/prune/prune.ts')
  return await pruneBackups(context, { ...command, prompts: await promptsOf(context, signals) }, signals.signal)
}

async function restore(context: Context, command: CommandOf<'restore'>, signals: Signals): Promise<ExitCode> {
  const { restore: restoreBackup } = await import('./commands/restore/restore.ts')
  return await restoreBackup(context, { ...command, prompts: await promptsOf(context, signals) }, signals.signal)
}

/** Null where nobody sits at a terminal. */
async function promptsOf({ screen }: Context, { signal, interrupt }: Signals): Promise<TerminalPrompts | null> {
  if (!process.stdin.isTTY || !screen.isTerminal) return null
  const { terminalPrompts } = await import('./terminal/prompt.ts')
  return terminalPrompts({ signal, interrupt })
}

interface Signals {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** Aborted by the second one, of a person who will not wait. */
  readonly again: AbortSignal
  /** Does what SIGINT does. */
  interrupt(): void
  /** The exit code of the signal that came first; null while there was none. */
  exitCode(): ExitCode | null
}

/** Each of the first `stages` signals ends the work in its own way; one more ends the process at once. */
function listenForSignals(stages: 1 | 2): Signals {
  const controllers = [new AbortController(), new AbortController()] as const
  let code: ExitCode | null = null
  let count = 0
  const receive = (signal: InterruptingSignal): void => {
    code ??= exitCodeOfSignal(signal)
    if (count >= stages) process.exit(code)
    controllers[count]?.abort(new Interruption(signal))
    count += 1
  }
  // SIGHUP: the terminal of an `oc rsh` is gone, and nobody is left to press Ctrl-C.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => receive(signal))
  const [{ signal }, { signal: again }] = controllers
  return { signal, again, interrupt: () => receive('SIGINT'), exitCode: () => code }
}
