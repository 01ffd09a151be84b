import { realpath } from 'node:fs/promises'
import path from 'node:path'
import type { Reach } from './landlock.ts'
import type { ScratchPlace } from './scratch-place.ts'
import type { ServerBinaries } from './server-binaries.ts'

export interface ReachInput {
  readonly binaries: ServerBinaries
  /** Null for a server that is not made, only asked for its version. */
  readonly place: ScratchPlace | null
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * What a server needs: its program, libraries (extensions among them), locales and time zones, its own folders, and
 * nothing of anybody else's. PostgreSQL lies in folders of the system, or in a prefix of its own with `bin`, `lib` and
 * `share`.
 */
export async function reachOf({ binaries, place, env }: ReachInput): Promise<Reach> {
  const program = await realpath(binaries.postgres)
  const prefix = path.dirname(path.dirname(program))
  const added = (env.LD_LIBRARY_PATH ?? '').split(':').filter(folder => path.isAbsolute(folder))
  return {
    programs: [program],
    libraries: await present([...LIBRARIES, `${prefix}/lib`, `${prefix}/lib64`, ...added]),
    folders: await present(['/usr/share', '/usr/local/share', `${prefix}/share`]),
    files: await present(['/etc/ld.so.cache', '/etc/localtime', '/dev/urandom']),
    sinks: await present(['/dev/null']),
    data: place === null ? [] : [place.dataFolder],
    sockets: place === null ? [] : [await realpath(place.socketFolder)],
  }
}

const LIBRARIES = ['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/usr/local/lib']

async function present(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(each => realpath(each).catch(() => null)))
  return [...new Set(found.filter(each => each !== null && each !== '/'))] as string[]
}
