import { backup } from '../../src/commands/backup/backup.ts'
import type { Context } from '../../src/commands/context.ts'
import { createContext } from '../../src/commands/create-context.ts'
import type { ExitCode } from '../../src/exit-codes.ts'
import type { Clock } from '../../src/system/clock.ts'

export interface InProcessBackup {
  readonly clock: Clock
  readonly env: Readonly<Record<string, string | undefined>>
  /** Path of `backup.conf`. */
  readonly conf: string
  readonly json?: boolean
  readonly options?: Partial<Omit<Parameters<typeof backup>[1], 'json'>>
  readonly occasion?: Context['occasion']
  /** Gets each piece of stdout as it is printed. */
  onPrint?(text: string): void
}

/** The real `-1` in this process, on a clock of the test's own. */
export async function backupInProcess(given: InProcessBackup): Promise<{ code: ExitCode; stdout: string }> {
  let stdout = ''
  const write = (text: string): void => {
    stdout += text
    given.onPrint?.(text)
  }
  const parts = {
    env: { PATH: process.env.PATH, BACKUP_CONF: given.conf, ...given.env },
    workingDir: '/',
    stdout: { write },
    stderr: { write: () => true },
  }
  const context = createContext(parts, given.occasion === undefined ? {} : { occasion: given.occasion })
  const nothing = { specs: [], label: null, protect: null, waitForLocks: false }
  const options = { ...nothing, json: given.json === true, ...given.options }
  const code = await backup({ ...context, clock: given.clock }, options, new AbortController().signal)
  return { code, stdout }
}
