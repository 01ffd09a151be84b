import { failureOf, failureText, OperatorError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import type { Log } from '../system/log.ts'
import { childEnvironment } from '../system/process.ts'
import { type GroupExit, runGroup } from '../system/process-group.ts'
import { type HookFacts, type HookName, hookVariables, SKIP_CODE } from './hook.ts'
import { findHook, type HookPlace } from './hook-place.ts'

export interface HookRunner extends HookPlace {
  readonly timeoutMs: number
  /** Of which a hook gets what every child gets, and nothing else. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly runId: string
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** `none`: there is no such hook. */
export type HookEnd = 'done' | 'skip' | 'none'

/**
 * Runs a hook to its end, with its output in the log. Throws an OperatorError of kind `hook` where it cannot be run, takes too
 * long or fails, whose message holds nothing that it printed; else the signal's reason.
 */
export async function runHook(
  runner: HookRunner,
  { name, facts }: { readonly name: HookName; readonly facts: HookFacts },
  signal: AbortSignal,
): Promise<HookEnd> {
  const path = await findHook(runner, name)
  if (path === null) return 'none'
  const env = { ...childEnvironment(runner.env), ...hookVariables(name, runner.runId, facts) }
  const exit = await runGroup(
    { command: path, args: [], env },
    { timeoutMs: runner.timeoutMs, cwd: '/' },
    signal,
  ).catch((error: unknown) => {
    signal.throwIfAborted()
    throw notStarted(name, error)
  })
  const { output, ...ended } = exit
  const { source } = facts
  runner.log.info('hook-ended', { hook: name, ...(source === undefined ? {} : { source }), ...ended, output })
  signal.throwIfAborted()
  if (exit.code === SKIP_CODE && !exit.isTimedOut) return 'skip'
  if (exit.code !== 0 || exit.isTimedOut) throw failed(name, exit, runner)
  return 'done'
}

/** For what is done, whatever a hook says of it: the words of its failure, which stand in the log too, or null. Never rejects. */
export async function tryHook(
  runner: HookRunner,
  hook: { readonly name: HookName; readonly facts: HookFacts },
  signal: AbortSignal,
): Promise<string | null> {
  const text = await runHook(runner, hook, signal).then(
    end =>
      end === 'skip'
        ? `hook ${hook.name}: ended with exit code ${SKIP_CODE}; expected 0: it is too late to skip`
        : null,
    (error: unknown) => failureText(failureOf(error)),
  )
  if (text !== null) runner.log.warn('hook-failed', { hook: hook.name, text })
  return text
}

const HINT = 'what it printed stands in the log'

function failed(name: HookName, { code, signal, isTimedOut }: GroupExit, { timeoutMs }: HookRunner): OperatorError {
  if (isTimedOut)
    return new OperatorError(
      'hook',
      `hook ${name}: it took longer than ${timeoutMs / 1000} s and was ended; expected its end`,
      {
        hint: `${HINT}; HOOK_TIMEOUT gives it more time`,
      },
    )
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`
  return new OperatorError('hook', `hook ${name}: ended with ${how}; expected 0`, { hint: HINT })
}

function notStarted(name: HookName, error: unknown): OperatorError {
  const code = codeOf(error)
  const text = `hook ${name}: it could not be started (${code ?? 'unknown'}); expected an executable`
  const hint = 'a script begins with a line such as #!/bin/sh, and that program must be there'
  return new OperatorError('hook', text, code === 'ENOENT' || code === 'ENOEXEC' ? { hint } : {})
}
