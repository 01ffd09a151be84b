import { readFile } from 'node:fs/promises'

/** How much memory there is to have. */
export interface Memory {
  readonly bytes: number
  readonly of: 'the limit of this container' | 'what is free on this machine'
}

/** What the system says, as text; null where it says nothing. */
export interface MemoryTexts {
  /** cgroup v2: memory.max. */
  readonly max: string | null
  /** cgroup v1: memory.limit_in_bytes. */
  readonly limit: string | null
  readonly meminfo: string | null
}

/** A limit of cgroup v1 from here on is none. */
const NO_LIMIT = 2 ** 60

/** The limit of the container, else what is free on the machine; null where nobody knows. */
export function memoryOf({ max, limit, meminfo }: MemoryTexts): Memory | null {
  const limits = [max, limit]
    .map(text => Number.parseInt(text ?? '', 10))
    .filter(bytes => bytes > 0 && bytes < NO_LIMIT)
  if (limits.length > 0) return { bytes: Math.min(...limits), of: 'the limit of this container' }
  const free = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo ?? '')?.[1]
  return free === undefined ? null : { bytes: Number(free) * 1024, of: 'what is free on this machine' }
}

/** Asks the system. Never rejects. */
export async function readMemory(): Promise<Memory | null> {
  const [max, limit, meminfo] = await Promise.all(
    ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes', '/proc/meminfo'].map(path =>
      readFile(path, 'utf8').catch(() => null),
    ),
  )
  return memoryOf({ max: max ?? null, limit: limit ?? null, meminfo: meminfo ?? null })
}
