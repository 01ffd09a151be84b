import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process this is, so that another one can tell whether it still lives. Null where the system does not say. */
export interface ProcessIdentity {
  readonly owner: string
  readonly pid: number
  /** Clock ticks after boot at which the process started (proc(5), /proc/pid/stat, field 22). */
  readonly processStart: string | null
  readonly bootId: string | null
  readonly pidNamespace: string | null
}

/** The identity of the running process. */
export function ownIdentity(): ProcessIdentity {
  return {
    owner: hostname(),
    pid: process.pid,
    processStart: processStartOf(process.pid),
    bootId: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
  }
}

/**
 * Whether a process is certainly gone: it ran under the same boot and in the same pid namespace as `own`, and no
 * process with its number and start is there now. False wherever that can't be told from here.
 */
export function isCertainlyGone(other: ProcessIdentity, own: ProcessIdentity): boolean {
  if (other.bootId === null || other.pidNamespace === null || other.processStart === null) return false
  if (own.processStart === null || other.bootId !== own.bootId || other.pidNamespace !== own.pidNamespace) return false
  return processStartOf(other.pid) !== other.processStart
}

function processStartOf(pid: number): string | null {
  return orNull(() => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, which may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie holds nothing any more; it only waits for its parent.
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null)
  })
}

function orNull<Value>(read: () => Value): Value | null {
  try {
    return read()
  } catch {
    return null
  }
}
