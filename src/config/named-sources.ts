import { meantSource } from './meant-source.ts'
import type { NamedDatabase } from './source-id.ts'

/**
 * The configured databases that SPECs mean, each once, in the order of the configuration; or what is wrong with the first
 * SPEC that means none of them, or more than one. `place` is the flag before them.
 */
export function namedSources<Database extends NamedDatabase>(
  specs: readonly string[],
  databases: readonly Database[],
  { place, whole }: { readonly place: string; readonly whole: boolean },
): { readonly databases: readonly Database[] } | { readonly fault: string; readonly hint: string } {
  const named = new Set<NamedDatabase>()
  for (const text of specs) {
    if (text.toLowerCase() === 'all') return notAll(place)
    const meant = meantSource(text, { configured: databases, unlisted: [], stems: [] }, { place, whole })
    if ('fault' in meant) return meant
    if ('unknown' in meant) return { fault: `${meant.unknown.id.name}: ${NOT_CONFIGURED}`, hint: meant.hint }
    named.add(meant.source)
  }
  return { databases: databases.filter(database => named.has(database)) }
}

const NOT_CONFIGURED = 'not configured; expected the whole name of a database that is'
/** As `-v all` is written. */
function notAll(place: string): { readonly fault: string; readonly hint: string } {
  return {
    fault: `${place}: "all" names no database; expected nothing behind it, as ${place} alone backs up every one`,
    hint: 'a database that is called all is meant by its whole name, host/all',
  }
}
