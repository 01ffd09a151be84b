/** What came with PostgreSQL itself and no longer does, with the last major that has it (release notes of 10, 11, 12, 15, 17). */
const LAST_MAJOR: Readonly<Record<string, number>> = {
  adminpack: 16,
  chkpass: 10,
  hstore_plpython2u: 14,
  hstore_plpythonu: 14,
  jsonb_plpython2u: 14,
  jsonb_plpythonu: 14,
  ltree_plpython2u: 14,
  ltree_plpythonu: 14,
  old_snapshot: 16,
  plpython2u: 14,
  plpythonu: 14,
  timetravel: 11,
  tsearch2: 9,
}

/** Of an extension or a language that no package brings to a server of this major; null where one may. */
export function goneText(kind: 'extension' | 'language', name: string, major: number): string | null {
  const last = LAST_MAJOR[name]
  if (last === undefined || major <= last) return null
  return `PostgreSQL ${last} was the last that has the ${kind} ${name}, and this is ${major}: it takes a server of the major that the archive is of; or, where nothing needs it, DROP ${kind.toUpperCase()} ${name} in the source, and back up again`
}
