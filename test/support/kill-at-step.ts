// Loaded before the program by `--import`: kills the process right before the KILL_AT_STEP-th call that changes
// something below BACKUP_DIR, counted from 1. So a test can go through a run one step after the other.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createRequire, syncBuiltinESMExports } from 'node:module'

type Call = (...args: unknown[]) => unknown

const killAt = Number(process.env.KILL_AT_STEP)
const volume = process.env.BACKUP_DIR ?? ''
const handles = new WeakSet<object>()
let steps = 0

function step(): void {
  steps += 1
  if (steps !== killAt) return
  process.kill(process.pid, 'SIGKILL')
  // Nothing may run until the signal arrives.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

function patch(
  owner: Record<string, Call>,
  name: string,
  counts: (self: object, args: readonly unknown[]) => boolean,
): void {
  const original = owner[name]
  if (original === undefined) throw new Error(`node:fs/promises has no ${name}`)
  owner[name] = function (this: object, ...args: unknown[]) {
    if (counts(this, args)) step()
    return original.apply(this, args)
  }
}

const promises = createRequire(import.meta.url)('node:fs/promises') as Record<string, Call>
const isOurs = (_: object, [path]: readonly unknown[]): boolean => String(path).startsWith(volume)
const probe = await open('/dev/null')
const handle = Object.getPrototypeOf(probe) as Record<string, Call>
await probe.close()

function opensForWriting(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & (constants.O_WRONLY | constants.O_RDWR)) !== 0
  return flags !== undefined && flags !== 'r'
}

const originalOpen = open
promises.open = async (...args: unknown[]) => {
  const writes = isOurs({}, args) && opensForWriting(args[1])
  if (writes) step()
  const opened = await (originalOpen as unknown as (...args: unknown[]) => Promise<FileHandle>)(...args)
  if (isOurs({}, args)) handles.add(opened)
  return opened
}
for (const name of ['appendFile', 'link', 'mkdir', 'rename', 'rm', 'rmdir', 'unlink']) patch(promises, name, isOurs)
for (const name of ['sync', 'write', 'appendFile', 'writeFile']) patch(handle, name, self => handles.has(self))
syncBuiltinESMExports()
