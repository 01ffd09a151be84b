import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { median, type Report } from './compare.ts'
import { makeBenchFolder } from './folder.ts'
import type { BenchOptions } from './options.ts'
import { root } from './ours.ts'
import { pageHead } from './pages.ts'
import { table } from './table.ts'

/** Of a process that waits: resident memory in MiB, and the part of one CPU that it takes. */
interface Idle {
  readonly mebibytes: number
  readonly cpuPercent: number
}

const SETTLE_MS = 5_000
const WATCHED_MS = 20_000
const TICKS_PER_SECOND = 100
const DESIGN = '≤ 1.6'

/** Measures the service while it waits for its next run, beside a Node that does nothing. */
export async function measureService(options: BenchOptions, report: Report, signal: AbortSignal): Promise<string> {
  using folder = makeBenchFolder()
  const conf = path.join(folder.path, 'backup.conf')
  writeFileSync(conf, '127.0.0.1:1/shop\n0 0 1 1 * default ./backup.sh -s\n')
  const env = { BACKUP_CONF: conf, BACKUP_DIR: folder.path, DATABASE_USER: 'nobody', DATABASE_PASSWORD: 'nothing' }
  const subjects = [
    { label: 'node -e, a timer', start: () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)']) },
    { label: 'service', start: () => ours({ ...env, HTTP_PORT: '18642' }) },
    { label: 'service, HTTP_PORT=0', start: () => ours({ ...env, HTTP_PORT: '0' }) },
  ]
  const found = subjects.map(({ label }) => ({ label, runs: [] as Idle[] }))
  // The first round fills the compile cache.
  for (let round = 0; round <= options.runs; round++) {
    for (const [index, { label, start }] of subjects.entries()) {
      const idle = await idleOf(start, round === 0 ? 0 : WATCHED_MS, signal)
      if (round > 0) found[index]?.runs.push(idle)
      report(
        `${round === 0 ? 'warm-up' : `run ${round} of ${options.runs}`}: ${label}: ${idle.mebibytes.toFixed(0)} MiB`,
      )
    }
  }
  return servicePage(options, found)
}

function ours(env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(path.join(root, 'scripts/backup'), [], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  })
}

async function idleOf(start: () => ChildProcess, watchedMs: number, signal: AbortSignal): Promise<Idle> {
  const child = start()
  const exited = once(child, 'exit')
  child.stdout?.resume()
  child.stderr?.resume()
  try {
    await pause(SETTLE_MS, undefined, { signal })
    const before = cpuTicks(child.pid)
    await pause(watchedMs, undefined, { signal })
    const seconds = (cpuTicks(child.pid) - before) / TICKS_PER_SECOND
    return { mebibytes: residentMebibytes(child.pid), cpuPercent: watchedMs === 0 ? 0 : (seconds / watchedMs) * 1e5 }
  } finally {
    child.kill('SIGTERM')
    await exited
  }
}

/** proc(5), /proc/pid/stat, fields 14 and 15. */
function cpuTicks(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function residentMebibytes(pid: number | undefined): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) / 1024
}

function servicePage(
  options: BenchOptions,
  found: readonly { readonly label: string; readonly runs: readonly Idle[] }[],
): string {
  const bare = middle(found[0]?.runs.map(run => run.mebibytes) ?? [])
  const rows = found.map(({ label, runs }, index) => {
    const mebibytes = middle(runs.map(run => run.mebibytes))
    const ratio = index === 0 ? ['', ''] : [(mebibytes / bare).toFixed(2), DESIGN]
    return [label, mebibytes.toFixed(0), middle(runs.map(run => run.cpuPercent)).toFixed(2), ...ratio]
  })
  return `${pageHead('service', 'One database, one schedule, the next run months away.')}
Each process started ${options.runs} times, had ${SETTLE_MS / 1000} s to settle, and was watched for ${WATCHED_MS / 1000} s. The values are medians of its resident
memory at the end and of the CPU time that it took meanwhile.

${table(['process', 'memory, MiB', '% of one CPU', 'ratio of memory', 'the design asks for'], rows)}
`
}

function middle(values: readonly number[]): number {
  return median(values.toSorted((a, b) => a - b))
}
