import { formatAge, formatBytes, formatLocalTime, formatPercentage } from '../../terminal/format.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import type { ListedDatabase, Listing } from './listing.ts'

const KEPT_COLUMNS: readonly Column[] = [
  { title: 'DATABASE' },
  { title: 'SIZE', align: 'right' },
  { title: 'AGE', align: 'right' },
  { title: 'SEEN' },
  { title: 'TO DROP IT' },
]

/** What restores have kept, with the statements that drop it: they are never cut, as file names are not. */
export function keptText(
  databases: readonly ListedDatabase[],
  { timeZone }: { readonly timeZone: string },
): readonly string[] {
  const rows = databases.flatMap(({ database, keptByRestores }) =>
    (keptByRestores?.databases ?? []).map(({ bytes, ageSeconds, dropWith }) => [
      database,
      bytes === null ? 'unknown' : formatBytes(bytes),
      formatAge(ageSeconds * 1000),
      formatLocalTime(new Date(keptByRestores?.seenAt ?? ''), timeZone),
      dropWith,
    ]),
  )
  if (rows.length === 0) return []
  return [
    'What was live before a restore, and is kept on its server, as the last backup saw it:',
    ...formatTable(KEPT_COLUMNS, rows, { width: null, indent: '  ' }),
  ]
}

/** The archives of databases that are not configured, and how they are removed. */
export function orphansText(
  { orphans, configurationProblems }: Pick<Listing, 'orphans' | 'configurationProblems'>,
  options: { readonly timeZone: string },
): readonly string[] {
  if (orphans.length === 0) return []
  const rows = orphans.map(orphan => [
    orphan.name,
    String(orphan.archives),
    formatBytes(orphan.bytes),
    orphan.lastTakenAt === null ? '' : formatLocalTime(new Date(orphan.lastTakenAt), options.timeZone),
    orphan.name === orphan.stem ? `backup -p -f ${orphan.stem}` : 'backup -p -f FILE for each',
  ])
  const columns: Column[] = [
    { title: 'NAME' },
    { title: 'ARCHIVES', align: 'right' },
    { title: 'SIZE', align: 'right' },
    { title: 'LAST BACKUP' },
    { title: 'TO REMOVE THEM' },
  ]
  const doubt = configurationProblems > 0 ? ['  Some may be missing there by mistake: see backup -c first.'] : []
  const table = formatTable(columns, rows, { width: null, indent: '  ' })
  return [
    'Archives of databases that are not configured; nothing removes them (the last good one goes only with --force):',
    ...doubt,
    ...table,
  ]
}

/** Files that are not finished, each by its path. */
export function leftoversText(leftovers: readonly string[]): readonly string[] {
  if (leftovers.length === 0) return []
  const lines = leftovers.map(path => `  ${path}`)
  return ['Being written now, or left by a run that died (the next backup of that database removes those):', ...lines]
}

/** What may hold archives and is not read, and why. */
export function notLookedIntoText(found: Listing['notLookedInto']): readonly string[] {
  if (found.length === 0) return []
  return [
    'Not looked into, since no link inside the volume is followed (mount what it leads to in its place, or move the files):',
    ...found.map(each => `  ${each.path}: ${each.found}`),
  ]
}

/** How full the volume is. */
export function volumeText({ backupDir, volume }: Listing): string {
  const used = volume.totalBytes - volume.freeBytes
  const share = volume.totalBytes === 0 ? '' : ` (${formatPercentage(used / volume.totalBytes)})`
  const size = `${formatBytes(used)} of ${formatBytes(volume.totalBytes)} used${share}, ${formatBytes(volume.freeBytes)} free`
  return `${backupDir}: ${size}; the archives take ${formatBytes(volume.archiveBytes)}`
}
