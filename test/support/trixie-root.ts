import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('../../scripts/in-trixie-root', import.meta.url))

/** The user that everything in the trixie root runs as: one that OpenShift might choose, without a name. */
export const ARBITRARY_UID = 1_000_690_000

/** Something that runs in the trixie root. Whoever starts it awaits `result`. */
export interface TrixieRun {
  readonly child: ChildProcess
  readonly result: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

/**
 * Runs a command in the Debian trixie that `scripts/setup slow` makes (see scripts/in-trixie-root), as the arbitrary user.
 * Its mounts and processes end with it, also when it fails or is killed. Needs root.
 *
 * Whole test files run there too: those in test/trixie/, by `scripts/test-slow test/trixie`.
 */
export function startInTrixie(command: readonly string[]): TrixieRun {
  const child = spawn(SCRIPT, [...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  const result = once(child, 'close').then(([code]) => ({ code: code as number | null, ...printed }))
  return { child, result }
}
