import type { LocalTime } from '../../system/time-zone.ts'

/** What an archive's name ends in after its stem: `_YYYY-MM-DD_HH-MM-SS.sql.gz`. */
const TAIL = /^_(\d{4}-\d{2}-\d{2})_(\d{2}-\d{2}-\d{2})\.sql\.gz$/
const TAIL_LENGTH = '_2026-11-20_01-00-00.sql.gz'.length
const HALF = '[A-Za-z0-9_%][A-Za-z0-9._%-]*'
const STEM = new RegExp(`^${HALF}-${HALF}$`)
const IN_PROGRESS = '.in_progress'
const MANIFEST = '.json'

/** What an archive's name says: whose it is, and the local time at which it was taken. */
export interface ArchiveName {
  readonly stem: string
  /** `YYYY-MM-DD`, a day that exists. */
  readonly date: string
  /** `HH-MM-SS`, a time that exists. */
  readonly time: string
}

/** `<stem>_<YYYY-MM-DD>_<HH-MM-SS>.sql.gz`. */
export function archiveName(stem: string, time: LocalTime): string {
  return `${stem}_${dateOf(time)}_${pad(time.hour)}-${pad(time.minute)}-${pad(time.second)}.sql.gz`
}

/** Reads a name that is exactly stem, existing date, existing time and extension; null for every other file. */
export function parseArchiveName(name: string): ArchiveName | null {
  const [, date, time] = TAIL.exec(name.slice(-TAIL_LENGTH)) ?? []
  const stem = name.slice(0, -TAIL_LENGTH)
  if (date === undefined || time === undefined || !STEM.test(stem)) return null
  return isCalendarDate(date) && isTimeOfDay(time) ? { stem, date, time } : null
}

/** The sidecar of an archive. */
export function manifestName(archive: string): string {
  return archive + MANIFEST
}

/** The name under which a file is written before it is complete. */
export function inProgressName(finalName: string): string {
  return finalName + IN_PROGRESS
}

/** What a file of ours is to the archive whose name it bears. */
export interface OwnFileName {
  readonly kind: 'archive' | 'manifest' | 'unfinished'
  /** The name of the archive. */
  readonly archive: string
  readonly parsed: ArchiveName
}

/** The archive that a file name belongs to, and what the file is to it; null for every foreign file. */
export function classifyFile(name: string): OwnFileName | null {
  const unfinished = name.endsWith(IN_PROGRESS)
  const final = unfinished ? name.slice(0, -IN_PROGRESS.length) : name
  const isManifest = final.endsWith(MANIFEST)
  const archive = isManifest ? final.slice(0, -MANIFEST.length) : final
  const parsed = parseArchiveName(archive)
  return parsed === null
    ? null
    : { kind: unfinished ? 'unfinished' : isManifest ? 'manifest' : 'archive', archive, parsed }
}

/** `YYYY-MM-DD` of a local time, the name of a dated folder. */
export function dateOf(time: LocalTime): string {
  return `${String(time.year).padStart(4, '0')}-${pad(time.month)}-${pad(time.day)}`
}

/** Whether a text is `YYYY-MM-DD` of a day that exists. */
export function isCalendarDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(0[1-9]|1[0-2])-(\d{2})$/.exec(text) ?? []
  if (day === '') return false
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  return Number(day) >= 1 && Number(day) <= lastDay
}

function isTimeOfDay(text: string): boolean {
  return /^([01]\d|2[0-3])-[0-5]\d-[0-5]\d$/.test(text)
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
