import { SOURCE_STATES } from '../../status/source-state.ts'
import { printable } from '../../system/printable.ts'
import { cutApart } from '../../terminal/cut-apart.ts'
import { formatAge, formatBytes, formatDuration, formatLocalTime } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import { type Column, formatTable } from '../../terminal/table.ts'
import { verdictText } from '../../terminal/verdict-text.ts'
import { wrapText } from '../../terminal/wrap-text.ts'
import type { Attention } from './attention.ts'
import type { ListedDatabase, ListedOrphan, Listing } from './listing.ts'
import { archivesText } from './listing-text.ts'
import { keptText, notLookedIntoText, volumeText } from './volume-text.ts'

interface TextOptions {
  readonly timeZone: string
  /** Columns of the terminal; null where nothing limits a line. */
  readonly width: number | null
  readonly now: Date
}

/** Of so many sources that need a person the reasons stand below the table; `--json` has all. */
const MOST_NEEDS = 10

/** One line a source, first what needs a person: a sentence above them, and below them why, and what to type. */
export function overviewText(listing: Listing, options: TextOptions): readonly string[] {
  const unfinished = listing.leftovers.length
  return paragraphs([
    ...standingTexts(listing, options),
    keptText(listing.databases, options),
    unfinished === 0
      ? []
      : [
          `${unfinished === 1 ? 'One file is' : `${unfinished} files are`} being written, or left by a run that died: backup -l --all`,
        ],
    notLookedIntoText(listing.notLookedInto),
    listing.warnings.map(text => `warning    ${text}`),
    [volumeText(listing)],
    ['backup -l SPEC shows the archives of one, backup -l --all those of all.'],
  ])
}

/** The same of those that were asked for, and their archives. */
export function sourcesText(listing: Listing, options: TextOptions): readonly string[] {
  return paragraphs([
    ...standingTexts(listing, options),
    ...listing.databases.filter(({ archives }) => archives.length > 0).map(each => archivesText(each, options)),
    keptText(listing.databases, options),
    listing.warnings.map(text => `warning    ${text}`),
  ])
}

function standingTexts(listing: Listing, options: TextOptions): readonly (readonly string[])[] {
  const sources = listing.databases.toSorted((a, b) => urgency(a) - urgency(b))
  return [
    wrapText(summary(listing), options.width),
    tableText([...sources, ...listing.orphans.map(asRow)], options),
    needsText(sources, options),
  ]
}

function urgency({ state }: Row): number {
  const index = (SOURCE_STATES as readonly string[]).indexOf(state)
  return index === -1 ? SOURCE_STATES.length : index
}

function summary({ databases, configurationProblems }: Listing): string {
  const needing = databases.filter(({ need }) => need !== null).length
  const problems =
    configurationProblems === 0
      ? ''
      : `The configuration has ${configurationProblems === 1 ? 'a problem' : `${configurationProblems} problems`}: backup -c shows ${configurationProblems === 1 ? 'it' : 'them'}. `
  if (databases.length === 0) return `${problems}No database to show.`
  if (databases.every(({ state }) => state === 'not-listed')) return `${problems}${NOT_LISTED}`
  if (needing === 0) return `${problems}${databases.length === 1 ? 'It is' : `All ${databases.length} are`} on time.`
  return `${problems}${needing} of ${databases.length} ${needing === 1 ? 'needs' : 'need'} you.`
}

const NOT_LISTED = 'It is not listed: nothing backs it up any more, and its archives stay.'

/** What a line of the table is made of: a source, or archives of which only the volume knows. */
type Row = Pick<ListedDatabase, 'database' | 'state' | 'since' | 'last' | 'verdict' | 'restoreSeconds' | 'kept'>

function asRow({ name, archives, last }: ListedOrphan): Row {
  return {
    ...{ database: name, state: 'not-listed', since: null, last },
    verdict: null,
    restoreSeconds: null,
    kept: archives,
  }
}

type Cell = (row: Row, options: TextOptions) => string

const STATE: readonly [Column, Cell] = [{ title: 'STATE' }, stateText]
const TAKEN: readonly [Column, Cell] = [{ title: 'LAST BACKUP' }, takenText]
const AGE: readonly [Column, Cell] = [{ title: 'AGE', align: 'right' }, ({ last }) => ageText(last)]
const SIZE: readonly [Column, Cell] = [
  { title: 'SIZE', align: 'right' },
  ({ last }) => (last === null ? '' : formatBytes(last.bytes)),
]
const PROOF: readonly [Column, Cell] = [{ title: 'PROOF' }, proofText]
const RESTORE: readonly [Column, Cell] = [
  { title: 'RESTORE', align: 'right' },
  ({ restoreSeconds }) => (restoreSeconds === null ? '' : formatDuration(restoreSeconds * 1000)),
]
const KEPT: readonly [Column, Cell] = [{ title: 'KEPT', align: 'right' }, ({ kept }) => String(kept)]

/** From what a wide terminal shows to what a narrow one has room for. */
const LAYOUTS = [
  [STATE, TAKEN, SIZE, PROOF, RESTORE, KEPT],
  [STATE, AGE, SIZE, PROOF, RESTORE, KEPT],
  [STATE, AGE, SIZE, PROOF, RESTORE],
  [STATE, AGE, SIZE, PROOF],
  [STATE, AGE, PROOF],
  [STATE, AGE],
] as const

/** A name that is cut to less says little. */
const NARROWEST_NAME = 24
const GAP = 2

function tableText(rows: readonly Row[], options: TextOptions): readonly string[] {
  if (rows.length === 0) return []
  const names = rows.map(({ database }) => printable(database))
  const { width } = options
  const wanted = Math.min(NARROWEST_NAME, Math.max(...names.map(name => name.length)))
  const tables = LAYOUTS.map(layout => {
    const cells = rows.map(row => layout.map(([, cell]) => cell(row, options)))
    const others = layout.map(([{ title }], index) => {
      return GAP + Math.max(title.length, ...cells.map(line => line[index]?.length ?? 0))
    })
    const room = width === null ? null : width - others.reduce((sum, each) => sum + each, 0)
    return { columns: layout.map(([column]) => column), cells, room }
  })
  const fitting = tables.find(({ room }) => room === null || room >= wanted) ?? tables.at(-1)
  if (fitting === undefined) return []
  const { columns, cells, room } = fitting
  const cut = room === null ? names : cutApart(names, Math.max(room, NARROWEST_NAME))
  return formatTable(
    [{ title: 'SOURCE' }, ...columns],
    cells.map((line, index) => [cut[index] ?? '', ...line]),
  )
}

function stateText({ state, since }: Row, { now }: TextOptions): string {
  const age = since === null ? '' : formatAge(now.getTime() - Date.parse(since))
  switch (state) {
    case 'on-time':
      return 'on time'
    case 'alarm':
      return `ALARM for ${age}`
    case 'never':
      return 'never'
    case 'overdue':
      return `overdue ${age}`
    case 'failed':
      return `FAILED for ${age}`
    case 'proof-failed':
      return 'proof FAILED'
    case 'copies-missing':
      return 'not copied'
    case 'not-listed':
      return 'not listed'
  }
}

function takenText({ last }: Row, { timeZone }: TextOptions): string {
  return last === null ? 'none' : formatLocalTime(new Date(last.takenAt), timeZone).slice(0, 16)
}

function ageText(last: Row['last']): string {
  return last === null ? 'none' : formatAge(last.ageSeconds * 1000)
}

/** The verdict on the newest archive that has one, and how long ago that was. */
function proofText({ verdict }: Row, { now }: TextOptions): string {
  if (verdict === null) return 'none'
  return `${verdictText(verdict.verdict)} ${formatAge(now.getTime() - Date.parse(verdict.at))}`
}

function needsText(sources: readonly ListedDatabase[], { width }: TextOptions): readonly string[] {
  const needing = sources.flatMap(({ database, need }) => (need === null ? [] : [{ database, need }]))
  const more = needing.length - MOST_NEEDS
  const texts = needing.slice(0, MOST_NEEDS).flatMap(({ database, need }) => needText(database, need, width))
  return more > 0 ? [...texts, `… and ${more} more, which --json has`] : texts
}

function needText(database: string, { reason, command }: Attention, width: number | null): readonly string[] {
  const lines = wrapText(printable(reason), width === null ? null : width - INDENT.length)
  return [printable(database), ...lines.map(line => INDENT + line), `${INDENT}type: ${printable(command)}`]
}

const INDENT = '  '
