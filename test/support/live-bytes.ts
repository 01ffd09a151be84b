import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** How much memory of this process is in use, behind a collection of all garbage: in V8's heap, and in buffers outside of it. */
export async function liveBytes(): Promise<number> {
  collectGarbage()
  // What native objects hold is given back in the next turn.
  await turn()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
