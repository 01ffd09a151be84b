import { readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../system/files.ts'
import type { CallRecord } from './rate-limit.ts'

/**
 * Keeps the times of calls in a file. Neither a missing nor a broken file nor a full volume keeps anybody from being
 * told: what was last written is then remembered by this process alone.
 */
export function createCallRecord(path: string): CallRecord {
  let unsaved: readonly number[] | null = null
  return {
    async read() {
      return unsaved ?? numbersIn(await readFile(path, 'utf8').catch(() => ''))
    },
    async write(calls) {
      try {
        await makeFolder(dirname(path))
        await writeFile(path, `${calls.join('\n')}\n`, { mode: 0o600 })
        unsaved = null
      } catch {
        unsaved = calls
      }
    },
  }
}

function numbersIn(text: string): readonly number[] {
  return text
    .split('\n')
    .filter(line => /^\d{1,15}$/.test(line))
    .map(Number)
}
