import type { PlacedSpec } from './backup-conf.ts'
import { checkDatabaseName, checkHost } from './database-spec.ts'
import type { Problem } from './problem.ts'
import type { SettingValues } from './setting-values.ts'

/** The one database that the environment names, for setups without a list. */
export function environmentDatabase(values: SettingValues): {
  readonly databases: readonly PlacedSpec[]
  readonly problems: readonly Problem[]
} {
  const host = (values.DATABASE_SERVICE_NAME ?? '').trim()
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const nameFrom = values.POSTGRESQL_DATABASE === null ? 'DATABASE_NAME' : 'POSTGRESQL_DATABASE'
  const database = values[nameFrom] ?? ''
  const problems = [
    ...problemAt('DATABASE_SERVICE_NAME', checkHost(bare, bare.includes(':'))),
    ...problemAt(nameFrom, checkDatabaseName(database)),
  ]
  const listed = { host: bare, port: values.POSTGRESQL_PORT_NUM ?? 5432, database, place: 'DATABASE_SERVICE_NAME' }
  return { databases: problems.length === 0 ? [listed] : [], problems }
}

function problemAt(place: string, fault: string | null): readonly Problem[] {
  return fault === null ? [] : [{ severity: 'problem', place, text: fault }]
}
