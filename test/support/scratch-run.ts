// A program of its own that starts a scratch server and says so; arguments: VERIFICATION_DIR, and what to do then
// (`end`: dispose of it; `stay`: wait to be killed).

import { OperatorError } from '../../src/errors.ts'
import { connect } from '../../src/sources/postgres/connection/connection.ts'
import { startScratchServer } from '../../src/sources/postgres/scratch/scratch-server.ts'
import { chooseServerBinaries, findServerBinaries } from '../../src/sources/postgres/scratch/server-binaries.ts'
import { systemClock } from '../../src/system/clock.ts'

const [folder = '', then = 'end'] = process.argv.slice(2)
const interrupted = new AbortController()
process.on('SIGTERM', () => interrupted.abort(new Error('interrupted')))
const env = { PATH: process.env.PATH }
const binaries = chooseServerBinaries(await findServerBinaries(env, interrupted.signal), 10)
try {
  await using server = await startScratchServer(
    { binaries, folder, runId: 'run-1', clock: systemClock, readyTimeoutMs: 60_000, env },
    interrupted.signal,
  )
  await using session = await connect(
    server.target('postgres'),
    { env: {}, applicationName: 'test' },
    interrupted.signal,
  )
  const rows = await session.query<{ me: string }>(
    "SELECT current_user AS me, current_setting('data_directory') AS dir",
  )
  say({ uid: process.getuid?.(), folder: server.folder, rows })
  if (then === 'stay') await systemClock.sleep(600_000, interrupted.signal)
} catch (error) {
  say({ failure: String(error), logOnly: error instanceof OperatorError ? error.logOnly : [] })
  process.exitCode = 1
}

function say(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
