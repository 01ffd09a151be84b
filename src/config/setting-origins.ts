import { hostPrefix } from './credentials.ts'
import {
  HOST_SETTINGS,
  SETTINGS,
  type SettingDefinition,
  type SettingGroup,
  type SettingName,
} from './settings-table.ts'

/** What one setting is in this run, and who said so. */
export interface SettingOrigin {
  readonly name: string
  readonly group: SettingGroup
  /** As written, or as worked out; null when it is not set, and always for secrets. */
  readonly value: string | null
  readonly from: 'environment' | 'file' | 'default' | 'not set'
  readonly secret: boolean
  /** Why it does nothing, where that is so. */
  readonly note: string | null
}

export interface OriginFacts {
  readonly invalid: ReadonlySet<SettingName>
  /** What BACKUP_CONCURRENCY is worked out to. */
  readonly concurrency: number
  /** Databases and servers. */
  readonly listed: readonly { readonly host: string }[]
}

/** Every setting of the table, and of each host's variables those that are set. */
export function settingOrigins(env: Readonly<Record<string, string>>, facts: OriginFacts): readonly SettingOrigin[] {
  const common = Object.entries(SETTINGS).map(([name, definition]) => {
    const computed = name === 'BACKUP_CONCURRENCY' ? String(facts.concurrency) : null
    if (!facts.invalid.has(name as SettingName)) return originOf(name, definition, { env, computed })
    return { ...originOf(name, definition, { env: {}, computed }), note: 'what is set cannot be used' }
  })
  const prefixes = [...new Set(facts.listed.map(({ host }) => hostPrefix(host)))]
  const hosts = prefixes.flatMap(prefix => hostOrigins(prefix, env)).filter(row => !(row.name in SETTINGS))
  return [...common, ...hosts]
}

function hostOrigins(prefix: string, env: Readonly<Record<string, string>>): readonly SettingOrigin[] {
  const rows = Object.entries(HOST_SETTINGS).map(([pattern, definition]) => {
    return originOf(pattern.replace('<HOST>', prefix), definition, { env, computed: null })
  })
  return rows.filter(row => row.from !== 'not set')
}

function originOf(
  name: string,
  definition: SettingDefinition,
  given: { readonly env: Readonly<Record<string, string>>; readonly computed: string | null },
): SettingOrigin {
  const secret = definition.secret === true
  const written = given.env[name]
  const fallback = definition.default ?? given.computed
  const row = { name, group: definition.group, secret, note: definition.obsolete ?? null }
  if (written !== undefined) return { ...row, value: secret ? null : written, from: 'environment' }
  if (secret && given.env[`${name}_FILE`] !== undefined) return { ...row, value: null, from: 'file' }
  return { ...row, value: fallback, from: fallback === null ? 'not set' : 'default' }
}
