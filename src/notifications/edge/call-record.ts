import { dirname } from 'node:path'
import { makeFolderBelow, pathBelow } from '../../system/below.ts'
import { openPlainFile, readPlainFile } from '../../system/plain-file.ts'
import { MOST_BYTES } from '../../system/size-limits.ts'
import type { CallRecord } from '../rate-limit.ts'

/**
 * Keeps the times of calls in a file below `root`. Neither a missing nor a broken file nor a full volume keeps anybody from being
 * told: what was last written is then remembered by this process alone.
 */
export function createCallRecord(root: string, below: string): CallRecord {
  let unsaved: readonly number[] | null = null
  return {
    async read() {
      return unsaved ?? numbersIn(await readText(root, below).catch(() => ''))
    },
    async write(calls) {
      try {
        await makeFolderBelow(root, dirname(below))
        await using file = await openPlainFile(await pathBelow(root, below), 'replace')
        await file.writeFile(`${calls.join('\n')}\n`)
        unsaved = null
      } catch {
        unsaved = calls
      }
    },
  }
}

async function readText(root: string, below: string): Promise<string> {
  const rules = { mostBytes: MOST_BYTES.note, links: 'refuse' } as const
  return (await readPlainFile(await pathBelow(root, below), rules)).toString('utf8')
}

function numbersIn(text: string): readonly number[] {
  return text
    .split('\n')
    .filter(line => /^\d{1,15}$/.test(line))
    .map(Number)
}
