import type { FileHandle } from 'node:fs/promises'
import { findProgram } from '../system/program-path.ts'
import { ChildMember } from './child-member.ts'
import type { GzipMember } from './gzip-member.ts'
import { ZlibMember } from './zlib-member.ts'

export type CompressorName = 'igzip' | 'pigz' | 'zlib'

/** Something that writes gzip: a program where one is installed, which is several times faster, else Node's own zlib. */
export interface Compressor {
  readonly name: CompressorName
  /** Starts a member at the file's current position. Until `end()` has settled nobody else may write to the file. */
  startMember(file: FileHandle, signal: AbortSignal): GzipMember
}

/** Level 1 costs least, and dumps compress well enough; igzip's level 1 is as small as pigz's. */
const PROGRAMS = [
  { name: 'igzip', args: ['-1', '--stdout'] },
  { name: 'pigz', args: ['-1', '--stdout'] },
] as const

/** The fastest compressor on the PATH of `env`. */
export async function findCompressor(env: Readonly<Record<string, string | undefined>>): Promise<Compressor> {
  for (const program of PROGRAMS) {
    const path = await findProgram(program.name, env.PATH ?? '')
    if (path === null) continue
    return {
      name: program.name,
      startMember: (file, signal) => new ChildMember({ command: path, args: program.args, env: {} }, file, signal),
    }
  }
  return { name: 'zlib', startMember: (file, signal) => new ZlibMember(file, signal) }
}
