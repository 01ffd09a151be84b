import { join } from 'node:path'
import { failureOf, failureText } from '../../errors.ts'
import type { DatabaseOutcome } from '../../events.ts'
import type { HookFacts, HookName } from '../../hooks/hook.ts'
import { type HookRunner, runHook, tryHook } from '../../hooks/run-hook.ts'
import type { Context } from '../context.ts'

/** What hooks of the operator make of a run: nothing at all without HOOKS_DIR. */
export interface BackupHooks {
  /** Whether the run is to take place; throws an OperatorError of kind `hook` where it must not. */
  beforeRun(signal: AbortSignal): Promise<boolean>
  /** What hooks after the run have to say, for a person. Never rejects. */
  afterRun(ended: EndedRun, signal: AbortSignal): Promise<readonly string[]>
  ofSource(source: string): SourceHooks
}

interface SourceHooks {
  /** Whether the source is to be taken; throws as above. */
  before(signal: AbortSignal): Promise<boolean>
  /** What hooks after it have to say, which undo nothing; they run where one before it began. Never rejects. */
  after(outcome: DatabaseOutcome, signal: AbortSignal): Promise<readonly string[]>
}

export interface EndedRun {
  readonly outcomes: readonly DatabaseOutcome[]
  /** What stopped the whole run, if something did. */
  readonly stoppedBy?: unknown
}

/** How long a hook after something may take when the run is being ended: what a hook before it did is to be undone. */
const HURRIED_MS = 10_000

/** See `docs/how-to/hooks.md`. */
export function createBackupHooks({
  configuration,
  env,
  runId,
  log,
}: Pick<Context, 'configuration' | 'env' | 'runId' | 'log'>): BackupHooks {
  const { hooksDir, hookTimeoutMs: timeoutMs, backupDir } = configuration.settings
  if (hooksDir === null) return NO_HOOKS
  const runner = { hooksDir, timeoutMs, backupDir, env, runId, log }
  return {
    beforeRun: async signal => (await runHook(runner, { name: 'before-run', facts: {} }, signal)) !== 'skip',
    afterRun: async (ended, signal) => await afterRun(ended, runner, signal),
    ofSource: source => hooksOf(source, runner),
  }
}

const NO_HOOKS: BackupHooks = {
  beforeRun: () => Promise.resolve(true),
  afterRun: () => Promise.resolve([]),
  ofSource: () => ({ before: () => Promise.resolve(true), after: () => Promise.resolve([]) }),
}

function hooksOf(source: string, runner: HookRunner): SourceHooks {
  let hasBegun = false
  return {
    async before(signal) {
      hasBegun = true
      return (await runHook(runner, { name: 'before-source', facts: { source } }, signal)) !== 'skip'
    },
    async after(outcome, signal) {
      const names: readonly HookName[] = [
        ...(hasBegun ? (['after-source'] as const) : []),
        ...(outcome.result === 'failed' ? (['on-failure'] as const) : []),
      ]
      return await tryEach(names, { facts: factsOf(outcome, runner.backupDir), runner }, signal)
    },
  }
}

function factsOf(outcome: DatabaseOutcome, backupDir: string): HookFacts {
  const { database: source, result } = outcome
  return outcome.result === 'failed'
    ? { source, result, reason: failureText(outcome.failure) }
    : { source, result, archive: join(backupDir, outcome.archive) }
}

async function afterRun(ended: EndedRun, runner: HookRunner, signal: AbortSignal): Promise<readonly string[]> {
  const stopped = ended.stoppedBy === undefined ? [] : [failureOf(ended.stoppedBy)]
  const failed = ended.outcomes.flatMap(outcome => (outcome.result === 'failed' ? [outcome.failure] : []))
  const [first] = [...stopped, ...failed]
  const facts: HookFacts =
    first === undefined ? { result: 'backed-up' } : { result: 'failed', reason: failureText(first) }
  // Each source that failed had its own; what stopped the whole run is nobody's.
  const names = stopped.length === 0 ? (['after-run'] as const) : (['after-run', 'on-failure'] as const)
  return await tryEach(names, { facts, runner }, signal)
}

async function tryEach(
  names: readonly HookName[],
  { facts, runner }: { readonly facts: HookFacts; readonly runner: HookRunner },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const said: string[] = []
  for (const name of names) {
    const [by, ending] = signal.aborted ? [hurried(runner), NEVER] : [runner, signal]
    const text = await tryHook(by, { name, facts }, ending)
    if (text !== null) said.push(text)
  }
  return said
}

const NEVER = new AbortController().signal

function hurried(runner: HookRunner): HookRunner {
  return { ...runner, timeoutMs: Math.min(runner.timeoutMs, HURRIED_MS) }
}
