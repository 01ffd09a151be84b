import { OperatorError } from '../errors.ts'
import { type Decompressor, findDecompressor, textByZlib } from './decompressor.ts'
import type { FileRange } from './file-range.ts'

/** Roles and database facts are a few lines each; this many bytes of text are no such part. */
const LONGEST_SHORT_PART = 64 * 1024 * 1024

/** Where a manifest says that a part lies: `bytes` compressed bytes from `offset`. */
export interface PartPlace {
  readonly part: 'roles' | 'dump' | 'database'
  readonly offset: number
  readonly bytes: number
  readonly status: 'complete' | 'partial' | 'absent'
}

export interface ReadOptions {
  /** Its PATH is where igzip and pigz are looked for. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * What is in an archive. Everything throws an OperatorError: `incomplete` for gzip data that is damaged or cut, with the
 * archive's name and how far its text came, `volume` when the file can't be read; or the signal's reason.
 */
export interface ArchiveContent {
  /** The text of the roles part; null when the archive has none, or no manifest says where it is. */
  roles(signal: AbortSignal): Promise<Buffer | null>
  /**
   * The dump as pg_dump wrote it, in bounded memory; may be called again, each time it is read anew. Without a manifest
   * it is the whole text of the archive, roles too. A reader that comes to its end has read whole gzip data; leaving
   * early releases everything.
   */
  dump(signal: AbortSignal): AsyncIterable<Buffer>
  /** The text of the database part; null like `roles`. */
  database(signal: AbortSignal): Promise<Buffer | null>
}

/** Opens nothing yet: each call reads its own part. `parts`: those of the archive's manifest, null if it has none. */
export function openArchive(path: string, parts: readonly PartPlace[] | null, options: ReadOptions): ArchiveContent {
  const rangeOf = (name: PartPlace['part']): FileRange | null => rangeOfPart(path, parts ?? [], name)
  let decompressor: Promise<Decompressor> | null = null
  return {
    roles: signal => shortPart(rangeOf('roles'), 'the roles part', signal),
    database: signal => shortPart(rangeOf('database'), 'the database part', signal),
    async *dump(signal) {
      const range = parts === null ? { path, offset: 0, bytes: null } : rangeOf('dump')
      if (range === null) return
      decompressor ??= findDecompressor(options.env)
      yield* (await decompressor).text(range, parts === null ? 'its gzip data' : 'the dump part', signal)
    },
  }
}

function rangeOfPart(path: string, parts: readonly PartPlace[], name: PartPlace['part']): FileRange | null {
  const part = parts.find(each => each.part === name)
  return part === undefined || part.bytes === 0 ? null : { path, offset: part.offset, bytes: part.bytes }
}

async function shortPart(range: FileRange | null, what: string, signal: AbortSignal): Promise<Buffer | null> {
  if (range === null) return null
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of textByZlib(range, what, signal)) {
    bytes += chunk.length
    if (bytes > LONGEST_SHORT_PART) {
      throw new OperatorError(
        'incomplete',
        `${range.path}: ${what} has more than ${LONGEST_SHORT_PART} bytes of text; expected a few lines`,
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
