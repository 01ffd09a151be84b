// A run in a process of its own: takes the lock of db-app on the volume given, says so to its parent, and holds it.
import { acquireLock } from '../../src/catalog/locks.ts'
import { OperatorError } from '../../src/errors.ts'
import { systemClock } from '../../src/system/clock.ts'

const [backupDir = '', runId = ''] = process.argv.slice(2)
const input = { backupDir, stem: 'db-app', runId, waitMs: 0, clock: systemClock }
try {
  const lock = await acquireLock(input, new AbortController().signal)
  await lock.check()
  process.send?.('locked')
} catch (error) {
  process.send?.(`failed: ${error instanceof OperatorError ? error.kind : String(error)}`)
}
