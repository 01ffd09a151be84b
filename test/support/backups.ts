import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { PostgresManifest } from '../../src/sources/postgres/content.ts'
import { archiveText, manifestBeside } from './archives.ts'
import { filesOf } from './volume.ts'

// Archives by their paths below a volume, as the program itself names them.

/** In the order of the paths. */
export function archivePaths(volume: string): readonly string[] {
  return filesOf(volume).filter(path => path.endsWith('.sql.gz'))
}

/** The text of an archive, as Latin-1; throws unless the gzip is whole. */
export function textIn(volume: string, path: string): string {
  return archiveText(join(volume, path))
}

/** The manifest of an archive; throws unless it fits the schema. */
export function manifestIn(volume: string, path: string): PostgresManifest {
  return manifestBeside(join(volume, path))
}

/** Everything that stands in the files of a folder, hidden ones too, gzip as its text; for looking for what must not be there. */
export function everythingIn(folder: string, options: { readonly archives: boolean }): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => options.archives || !path.endsWith('.sql.gz'))
    .map(path => `${path}\n${path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)}`)
    .join('\n')
}

/** The events of the log, which is JSON lines on stderr. */
export function logEvents(stderr: string): readonly Readonly<Record<string, unknown>>[] {
  return stderr
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)
}
