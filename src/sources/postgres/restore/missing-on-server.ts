import type { Remark } from '../../../events.ts'
import type { PostgresManifest } from '../content.ts'
import { knowsIcuRules, knowsProvider } from '../made/database-shape.ts'
import { goneText } from '../scratch/gone-extensions.ts'
import { libraryToMake } from '../scratch/preload.ts'
import type { TargetState } from './target-state.ts'

/** What an archive needs and the server has not, each with what to do. Without a manifest nobody knows before the load. */
export function lackingOn(
  { server, survey }: Pick<TargetState, 'server' | 'survey'>,
  manifest: PostgresManifest | null,
): readonly Remark[] {
  if (manifest === null) return []
  const { extensions, localeProvider, icuRules } = manifest.database
  const missing = extensions.filter(extension => !survey.extensions.has(extension.name))
  return [
    ...missing.map(({ name }) =>
      remark(
        'extension',
        name,
        goneText('extension', name, server.major) ??
          `extension ${name} is not installed on the server (PostgreSQL ${server.major}): install its package there`,
      ),
    ),
    ...extensions.filter(({ name }) => survey.extensions.has(name)).flatMap(({ name }) => notPreloaded(name, survey)),
    ...extensions.flatMap(extension => otherTimescale(extension, survey)),
    ...(localeProvider === undefined || knowsProvider(localeProvider, server.major)
      ? []
      : [
          remark(
            'locale provider',
            localeProvider,
            `PostgreSQL ${server.major} has no locale provider ${localeProvider}: restore into a newer server`,
          ),
        ]),
    ...(icuRules === undefined || knowsIcuRules(server.major)
      ? []
      : [
          remark(
            'ICU rules',
            icuRules,
            `PostgreSQL ${server.major} has no ICU rules for a database, which sort its text: restore into 16 or newer`,
          ),
        ]),
  ]
}

/** An extension that is installed, and that this server makes nowhere, or only in one database. */
function notPreloaded(name: string, { preloaded, cronDatabase }: TargetState['survey']): Remark[] {
  const library = libraryToMake(name)
  if (library === null) return []
  if (preloaded !== null && !preloaded.has(library)) {
    const text = `extension ${name} is only made where the server preloads its library: add ${library} to shared_preload_libraries there, and restart it`
    return [remark('extension', name, text)]
  }
  return name === 'pg_cron' ? [remark('extension', name, cronText(cronDatabase))] : []
}

function cronText(database: string | null): string {
  const where =
    database === null ? 'the database that cron.database_name names' : `database ${database} (cron.database_name)`
  return `extension pg_cron can be made in ${where} only, and a restore loads into one beside it: with -I all but pg_cron and its jobs comes back; then do by hand what docs/how-to/restore.md says of pg_cron: CREATE EXTENSION pg_cron in the restored database, and what the archive says of cron.job`
}

/** The rows of its own catalog, which are in the archive, are understood by one version only. */
function otherTimescale(
  { name, version }: PostgresManifest['database']['extensions'][number],
  { extensions }: TargetState['survey'],
): Remark[] {
  const here = extensions.get(name)
  if (name !== 'timescaledb' || here === undefined || version === null || here === version) return []
  const text = `extension timescaledb was of version ${version}, and the server makes version ${here}: install ${version} there, or restore and update it elsewhere first`
  return [remark('extension', name, text)]
}

/** Extensions that come back in another version than the archive had: its text says no version. */
export function otherVersions(
  { survey }: Pick<TargetState, 'survey'>,
  manifest: PostgresManifest | null,
): readonly Remark[] {
  return (manifest?.database.extensions ?? []).flatMap(({ name, version }) => {
    const here = survey.extensions.get(name)
    // Of an adopted archive nobody knows the versions.
    if (here === undefined || version === null || here === version) return []
    return [remark('extension', name, `extension ${name} was of version ${version} and will be of version ${here}`)]
  })
}

function remark(kind: string, name: string, text: string): Remark {
  return { kind, name, sqlstate: null, text }
}
