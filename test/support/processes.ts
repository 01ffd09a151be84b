import { readdirSync, readFileSync } from 'node:fs'

export interface FoundProcess {
  readonly pid: number
  readonly parent: number
  readonly command: string
  /** With spaces between the arguments. */
  readonly commandLine: string
}

/** Every process of the machine that can be seen, but zombies. */
export function allProcesses(): readonly FoundProcess[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => readProcess(Number(name)))
}

/** The children of a process, their children, and so on. */
export function descendantsOf(pid: number): readonly FoundProcess[] {
  const all = allProcesses()
  const below = (parent: number): FoundProcess[] =>
    all.filter(each => each.parent === parent).flatMap(each => [each, ...below(each.pid)])
  return below(pid)
}

export function isAlive(pid: number): boolean {
  return readProcess(pid).length > 0
}

function readProcess(pid: number): FoundProcess[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (state === 'Z' || state === 'X') return []
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    return [{ pid, parent: Number(parent), command, commandLine }]
  } catch {
    return []
  }
}
