// Preloaded into the program (`node --import`): it ends itself with SIGKILL at an exact step, or meets an error there,
// and keeps a record of the steps that matter for what survives a crash.
import { appendFileSync, readlinkSync } from 'node:fs'
import files, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

/** Such as `before rename .sql.gz`: before or after, the call, and how the path that it makes or removes ends. */
const dieAt = process.env.DIE_AT
/** Such as `rename .sql.gz EIO`. */
const failAt = process.env.FAIL_AT
const record = process.env.RECORD_STEPS

function step(when: 'before' | 'after', call: string, path: string): void {
  if (when === 'after' && record !== undefined) appendFileSync(record, `${call} ${path}\n`)
  const [wantedWhen, wantedCall, ending] = dieAt?.split(' ') ?? []
  if (when === wantedWhen && call === wantedCall && path.endsWith(ending ?? '')) process.kill(process.pid, 'SIGKILL')
}

function fail(call: string, path: string): void {
  const [wantedCall, ending, code] = failAt?.split(' ') ?? []
  if (call === wantedCall && path.endsWith(ending ?? '')) throw Object.assign(new Error(`${code}: ${call}`), { code })
}

const { rename, unlink, open } = files
files.rename = async (from, to) => {
  step('before', 'rename', String(to))
  fail('rename', String(to))
  await rename(from, to)
  step('after', 'rename', String(to))
}
files.unlink = async path => {
  step('before', 'unlink', String(path))
  await unlink(path)
  step('after', 'unlink', String(path))
}
const probe = await open('/dev/null')
const handle: Pick<FileHandle, 'sync'> = Object.getPrototypeOf(probe)
await probe.close()
const { sync } = handle
handle.sync = async function (this: FileHandle) {
  await sync.call(this)
  step('after', 'sync', readlinkSync(`/proc/self/fd/${this.fd}`))
}
syncBuiltinESMExports()
