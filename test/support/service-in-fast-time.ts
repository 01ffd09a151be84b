// A program of its own: the real service, whose clock jumps to the next run while none is under way. Its arguments are
// the number of runs; it prints `memory <run> <bytes>` after every run, `done` when they are made, and ends at SIGTERM.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createContext } from '../../src/commands/create-context.ts'
import { service } from '../../src/commands/service/service.ts'
import { type Clock, systemClock } from '../../src/system/clock.ts'

const RUNS = Number(process.argv[2])

let isRunning = false
let finished = 0
let jumpedMs = 0
const enough = new AbortController()

const clock: Clock = {
  now: () => new Date(systemClock.now().getTime() + jumpedMs),
  monotonicMs: () => systemClock.monotonicMs() + jumpedMs,
  async sleep(ms, signal) {
    if (isRunning) return systemClock.sleep(ms, signal)
    await nextTurn()
    if (!isRunning) jumpedMs += ms
  },
}

/** The log says when a run begins and when it ends. */
function watch(line: string): void {
  if (line.includes('"event":"scheduled-run-started"')) isRunning = true
  if (!line.includes('"event":"scheduled-run-finished"')) return
  isRunning = false
  finished += 1
  // What is only not collected yet is no leak; started with --expose-gc it is not counted.
  globalThis.gc?.()
  process.stdout.write(`memory ${finished} ${process.memoryUsage.rss()}\n`)
  if (finished >= RUNS) enough.abort(new Error('enough'))
}

const parts = {
  env: process.env,
  workingDir: process.cwd(),
  stdout: { write() {} },
  stderr: { write: watch },
}
const context = createContext(parts, { clock })
await service({ context, parts }, { signal: enough.signal, again: new AbortController().signal })
process.stdout.write('done\n')
setInterval(() => {}, 60_000)
