import { hostPrefix } from './credentials.ts'
import { didYouMean, MOST_SLIPS, nearest, slipsBetween } from './did-you-mean.ts'
import type { Problem } from './problem.ts'
import { HOST_SETTINGS, SETTINGS, type SettingDefinition } from './settings-table.ts'

interface Listed {
  readonly host: string
  readonly database?: string
}

interface UnreadFacts {
  /** Databases, and servers all of whose databases are listed. */
  readonly listed: readonly Listed[]
  /** Hosts whose variables are for other containers. */
  readonly otherHosts: readonly string[]
}

/**
 * A warning for each variable that is set, is read by nothing, and seems to be meant for us: its name is like that of a
 * setting, or it is of a host that is like a configured one or is called like a database. All others belong to the ordinary
 * environment of a pod. No value is looked at.
 */
export function unreadVariables(
  env: Readonly<Record<string, string>>,
  { listed, otherHosts }: UnreadFacts,
): readonly Problem[] {
  const known = [...namesOf(SETTINGS), ...listed.flatMap(({ host }) => namesOfHost(host))]
  const read = new Set([...known, ...otherHosts.flatMap(namesOfHost)])
  const unread = Object.keys(env).filter(name => !read.has(name) && !ORDINARY.some(pattern => pattern.test(name)))
  return unread.flatMap(name => {
    const meant = new Set([...likeNames(name, [...new Set(known)]), ...likeHosts(name, listed)])
    return meant.size === 0 ? [] : [warningOf(name, [...meant])]
  })
}

/** Of libpq, of the platform's links to services, for programs that go through a proxy, and of mail: one letter from SFTP. */
const ORDINARY = [
  /^PG[A-Z]+$/,
  /^SMTP_PASSWORD/,
  /_SERVICE_(HOST|PORT)(_|$)/,
  /_PORT(_\d+_[A-Z]+(_[A-Z]+)?)?$/,
  /_proxy$/i,
] as const

/** Of a secret also the one that names its file. */
function namesOf(table: Readonly<Record<string, SettingDefinition>>): readonly string[] {
  return Object.entries(table).flatMap(([name, { secret }]) => (secret === true ? [name, `${name}_FILE`] : [name]))
}

function namesOfHost(host: string): readonly string[] {
  return namesOf(HOST_SETTINGS).map(name => name.replace('<HOST>', hostPrefix(host)))
}

function likeNames(name: string, known: readonly string[]): readonly string[] {
  // Only secrets can stand in a file.
  const inFile = known.filter(each => `${each}_FILE` === name)
  return inFile.length > 0 ? inFile : nearest(known, each => [slipsInWords(name, each)])
}

/** The variables of hosts that somebody meant who wrote a database, host and database, or what means every host elsewhere. */
function likeHosts(name: string, listed: readonly Listed[]): readonly string[] {
  const [, prefix, setting] = HOST_VARIABLE.exec(name) ?? []
  if (prefix === undefined || `${prefix}_${setting}` in SETTINGS) return []
  const meant = listed.filter(({ host, database = host }) =>
    ['DATABASE', hostPrefix(database), hostPrefix(`${host}_${database}`)].includes(prefix),
  )
  return meant.map(({ host }) => `${hostPrefix(host)}_${setting}`)
}

const HOST_VARIABLE = new RegExp(
  `^(.+?)_(${Object.keys(HOST_SETTINGS)
    .map(name => name.replace('<HOST>_', ''))
    .toSorted((a, b) => b.length - a.length)
    .join('|')})(?:_FILE)?$`,
)

/**
 * Slips in what is left without the words that both begin or end with: APP and FTP are further apart than their passwords.
 * PG1 and PG2 are two hosts, and no slip.
 */
function slipsInWords(one: string, other: string): number | null {
  // Each start compares every variable with every name, and most of them differ in this.
  if (Math.abs(one.length - other.length) > MOST_SLIPS) return null
  const [ours, theirs] = [one.toUpperCase().split('_'), other.toUpperCase().split('_')]
  while (ours.length > 0 && ours[0] === theirs[0]) {
    ours.shift()
    theirs.shift()
  }
  while (ours.length > 0 && ours.at(-1) === theirs.at(-1)) {
    ours.pop()
    theirs.pop()
  }
  const rest = [ours.join('_'), theirs.join('_')] as const
  const slips = slipsBetween(...rest)
  return slips === null || isNumbered(...rest) ? null : slips
}

function isNumbered(one: string, other: string): boolean {
  return one !== other && one.replaceAll(/\d/g, '') === other.replaceAll(/\d/g, '')
}

function warningOf(name: string, meant: readonly string[]): Problem {
  const text = 'nothing reads this variable; expected a setting, or one of a configured host'
  const hint = didYouMean(meant.slice(0, 3))
  return { severity: 'warning', place: name, text, ...(hint === null ? {} : { hint }) }
}
