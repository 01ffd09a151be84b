import { createHash } from 'node:crypto'
import { nameTimeResolver } from '../../../catalog/naming/archive-time.ts'
import { localTime } from '../../../system/time-zone.ts'

/** PostgreSQL's NAMEDATALEN is 64, one byte of it a terminator; it cuts longer names and says so in a NOTICE only. */
const LONGEST_NAME_BYTES = 63

/** The name of a database, and how many bytes each of its characters has in the encoding of the server. */
export interface MeasuredName {
  readonly name: string
  readonly characterBytes: readonly number[]
}

/** What a database beside the live one is for: being loaded, or keeping what was live before. */
export type Companion = 'restore' | 'before'

/**
 * The name of a database beside the live one: `<base>_restore_<time>` or `<base>_before_<time>`. The base is cut at a
 * border of characters so that the whole has at most 63 bytes, and says then by a digest of the whole name which one it
 * was: two may begin alike. A number behind it makes the name differ from `taken`.
 */
export function companionName(base: MeasuredName, ending: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? ending : `${ending}_${number}`
    const name = shortened(base, LONGEST_NAME_BYTES - suffix.length) + suffix
    if (!taken.has(name)) return name
  }
}

/** The ending of such a name: `_before_20261120_010000`, local to the zone. */
export function companionEnding(companion: Companion, now: Date, timeZone: string): string {
  const time = localTime(now, timeZone)
  const pad = (value: number): string => String(value).padStart(2, '0')
  const date = `${time.year}${pad(time.month)}${pad(time.day)}`
  return `_${companion}_${date}_${pad(time.hour)}${pad(time.minute)}${pad(time.second)}`
}

/** Those of `names` that were made beside this database by earlier restores, in alphabetical order. */
export function companionsOf(base: MeasuredName, names: Iterable<string>): readonly string[] {
  return [...names].filter(name => companionKind(base, name) !== null).sort()
}

/** Those of them that were to be loaded, and are not what was live before. */
export function sideNamesOf(base: MeasuredName, names: Iterable<string>): readonly string[] {
  return [...names].filter(name => companionKind(base, name) === 'restore').sort()
}

/** Whether a name is one that restores give to what they load, into whatever database. */
export function isSideName(name: string): boolean {
  return ENDING.exec(name)?.[1] === 'restore'
}

/** Those of them that were live before. */
export function keptNamesOf(base: MeasuredName, names: Iterable<string>): readonly string[] {
  return [...names].filter(name => companionKind(base, name) === 'before').sort()
}

/** Those of a server's names that restores gave to what was live before in a database that is there under another of them. */
export function keptBeside(names: readonly string[]): ReadonlySet<string> {
  const whole = new Set(names)
  const byDigest = new Map(names.map(name => [digestOf(name), name]))
  const isKept = (name: string): boolean => {
    if (keptSince(name, 'UTC') === null) return false
    const base = name.replace(ENDING, '')
    const long = byDigest.get(base.slice(-DIGEST_LENGTH))
    return whole.has(base) || (long?.startsWith(base.slice(0, -DIGEST_LENGTH - 1)) ?? false)
  }
  return new Set(names.filter(isKept))
}

/** When a restore gave this name to what was live before, local to the zone; null: none ever gives such a name. */
export function keptSince(name: string, timeZone: string): Date | null {
  const [, ...digits] = /_before_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)(?:_(?:[2-9]|[1-9]\d+))?$/.exec(name) ?? []
  const date = digits.slice(0, 3).join('-')
  const time = digits.slice(3).join('-')
  return isTime(date, time) ? nameTimeResolver(timeZone)({ date, time }) : null
}

/** No clock shows the 30th of February, or 25 o'clock. */
function isTime(date: string, time: string): boolean {
  const text = `${date}T${time.replaceAll('-', ':')}.000Z`
  const instant = Date.parse(text)
  return !Number.isNaN(instant) && new Date(instant).toISOString() === text
}

const ENDING = /_(restore|before)_\d{8}_\d{6}(_\d+)?$/

function companionKind(base: MeasuredName, name: string): Companion | null {
  const [ending, companion] = ENDING.exec(name) ?? []
  if (ending === undefined || name !== shortened(base, LONGEST_NAME_BYTES - ending.length) + ending) return null
  return companion === 'restore' ? 'restore' : 'before'
}

const DIGEST_LENGTH = 6

function shortened(base: MeasuredName, bytes: number): string {
  const length = base.characterBytes.reduce((sum, each) => sum + each, 0)
  if (length <= bytes) return base.name
  return `${cutTo(base, bytes - DIGEST_LENGTH - 1)}_${digestOf(base.name)}`
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH)
}

function cutTo({ name, characterBytes }: MeasuredName, bytes: number): string {
  const characters = Array.from(name)
  let kept = 0
  let length = 0
  while (kept < characters.length && length + (characterBytes[kept] ?? 4) <= bytes) {
    length += characterBytes[kept] ?? 4
    kept += 1
  }
  return characters.slice(0, kept).join('')
}
