import type { Omitted } from '../connection/server-messages.ts'

/** What the catalog told and what pg_dump warned about, each once: a warning without a name says nothing new beside named ones. */
export function mergeOmitted(fromCatalog: readonly Omitted[], fromDump: readonly Omitted[]): readonly Omitted[] {
  const isNew = (item: Omitted): boolean =>
    !fromCatalog.some(known => known.kind === item.kind && (item.name === null || item.name === known.name))
  const unique = new Map(fromDump.filter(isNew).map(item => [`${item.kind}\n${item.name ?? ''}\n${item.text}`, item]))
  return [...fromCatalog, ...unique.values()]
}
