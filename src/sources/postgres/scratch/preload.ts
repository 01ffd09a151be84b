import path from 'node:path'
import type { ServerBinaries } from './server-binaries.ts'
import { isThere, libraryFolder } from './server-folders.ts'

/**
 * Extensions that are only made, or whose views are only read, where the server has preloaded a library, and the name of
 * that. No other name gets into a setting, whatever an archive says; each of them was tried.
 */
const LIBRARIES: Readonly<Record<string, string>> = {
  pg_cron: 'pg_cron',
  pg_squeeze: 'pg_squeeze',
  pg_stat_statements: 'pg_stat_statements',
  pgaudit: 'pgaudit',
  pglogical: 'pglogical',
  timescaledb: 'timescaledb',
}

/** The library that this extension needs to be preloaded; null where it needs none, or nobody knows. */
function preloadedLibrary(extension: string): string | null {
  return Object.hasOwn(LIBRARIES, extension) ? (LIBRARIES[extension] ?? null) : null
}

/** The library without which a server refuses to make this extension; null where there is none. */
export function libraryToMake(extension: string): string | null {
  // Its views alone need it.
  return extension === 'pg_stat_statements' ? null : preloadedLibrary(extension)
}

/**
 * The libraries that a server of these programs can preload for these extensions, sorted, each once. One that it could not
 * find would keep it from starting.
 */
export async function preloadFor(
  extensions: Iterable<string>,
  binaries: Pick<ServerBinaries, 'postgres'>,
): Promise<readonly string[]> {
  const wanted = new Set([...extensions].map(preloadedLibrary).filter(name => name !== null))
  if (wanted.size === 0) return []
  const folder = await libraryFolder(binaries)
  const found: string[] = []
  for (const name of wanted) if (folder !== null && (await isThere(path.join(folder, `${name}.so`)))) found.push(name)
  return found.toSorted()
}

/** pg_cron lets itself be made in the database that it is told of when the server starts, and in that of its own tests. */
export const CRON_DATABASES = ['proof_cron', 'contrib_regression'] as const

/**
 * What a server that preloads these is set to. None of their workers is started: the jobs of an archive must not run, and
 * nothing of it calls home.
 */
export function preloadSettings(libraries: readonly string[]): Readonly<Record<string, string>> {
  if (libraries.length === 0) return {}
  return {
    shared_preload_libraries: libraries.join(','),
    max_worker_processes: '0',
    ...(libraries.includes('pg_cron') ? { 'cron.database_name': CRON_DATABASES[0] } : {}),
    ...(libraries.includes('timescaledb') ? { 'timescaledb.telemetry_level': 'off' } : {}),
  }
}
