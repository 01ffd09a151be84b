// Loaded before a program by `--import`: ends the process with SIGKILL at its KILL_AT_QUERY-th query to a PostgreSQL
// server, counted from 1, or at the first one whose text matches KILL_AT_TEXT; `before` or right `after` (KILL_WHEN) its
// bytes are on their way.
import pg from 'pg'

type Query = (...args: unknown[]) => unknown

const killAt = Number(process.env.KILL_AT_QUERY)
const killAtText = process.env.KILL_AT_TEXT === undefined ? null : new RegExp(process.env.KILL_AT_TEXT)
const when = process.env.KILL_WHEN
const prototype = pg.Client.prototype as unknown as { query: Query }
const original = prototype.query
let queries = 0

prototype.query = function (this: unknown, ...args: unknown[]) {
  queries += 1
  const dies = queries === killAt || (typeof args[0] === 'string' && killAtText?.test(args[0]) === true)
  if (dies && when === 'before') die()
  const result = original.apply(this, args)
  if (dies) die()
  return result
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // Nothing may run until the signal arrives.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  throw new Error('still alive')
}
