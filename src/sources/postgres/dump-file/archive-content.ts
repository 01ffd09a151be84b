import { openArchive, type PartPlace, type ReadOptions } from '../../../archive/read-archive.ts'

/**
 * What is in an archive of PostgreSQL. Everything throws an OperatorError: `incomplete` for gzip data that is damaged or
 * cut, with the archive's name and how far its text came, `volume` when the file can't be read; or the signal's reason.
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
export function openContent(path: string, parts: readonly PartPlace[] | null, options: ReadOptions): ArchiveContent {
  const archive = openArchive(path, parts ?? [], options)
  return {
    roles: signal => archive.short('roles', signal),
    dump: signal => (parts === null ? archive.whole(signal) : archive.long('dump', signal)),
    database: signal => archive.short('database', signal),
  }
}
