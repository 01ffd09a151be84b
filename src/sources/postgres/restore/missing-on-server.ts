import type { Remark } from '../../../events.ts'
import type { PostgresManifest } from '../content.ts'
import { knowsIcuRules, knowsProvider } from '../made/database-shape.ts'
import { goneText } from '../scratch/gone-extensions.ts'
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
