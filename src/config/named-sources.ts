import type { NamedDatabase } from './source-id.ts'
import { parseSpecArgument } from './spec-argument.ts'

/** Of so many the names are shown; `backup -c` has all. */
const MOST_SHOWN = 20

/**
 * The configured databases that SPECs mean, each once, in the order of the configuration; or what is wrong with the first
 * SPEC that means none of them. Host and name have to be those of the line; the port may be left out, and is no other one.
 * A fault quotes nothing of a text that could not be read.
 */
export function namedSources<Database extends NamedDatabase>(
  specs: readonly string[],
  databases: readonly Database[],
): { readonly databases: readonly Database[] } | { readonly fault: string; readonly hint: string } {
  const named = new Set<Database>()
  for (const text of specs) {
    const read = parseSpecArgument(text)
    if ('fault' in read) return { fault: read.fault, hint: configuredText(databases) }
    const { spec } = read
    const found = databases.find(database => isSame(database, spec, { anyPort: !HAS_PORT.test(text) }))
    if (found === undefined) return { fault: `${spec.id.name}: ${NOT_CONFIGURED}`, hint: configuredText(databases) }
    named.add(found)
  }
  return { databases: databases.filter(database => named.has(database)) }
}

const NOT_CONFIGURED = 'not configured; expected the whole name of a database that is'

const HAS_PORT = /^(?:postgres(?:ql)?=)?(?:\[[^\]]*\]|[^/:]*):/i

function isSame(one: NamedDatabase, other: NamedDatabase, { anyPort }: { readonly anyPort: boolean }): boolean {
  return one.host === other.host && one.database === other.database && (anyPort || one.port === other.port)
}

function configuredText(databases: readonly NamedDatabase[]): string {
  if (databases.length === 0) return 'no database is configured: backup -c says why'
  const names = databases.slice(0, MOST_SHOWN).map(({ id }) => id.name)
  const more = databases.length - names.length
  return `configured: ${names.join(', ')}${more === 0 ? '' : ` and ${more} more, which backup -c shows`}`
}
