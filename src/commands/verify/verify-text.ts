import { countOf, type FactState, type ProofFacts, type Verdict, type VerificationOutcome } from '../../events.ts'
import { formatDuration } from '../../terminal/format.ts'
import { remarkText } from '../../terminal/remark-text.ts'
import { formatTable } from '../../terminal/table.ts'
import { verdictText } from '../../terminal/verdict-text.ts'

/** The lines about one database: the verdict, the three facts one by one, why it is no better, and what to know. */
export function outcomeText(outcome: VerificationOutcome): readonly string[] {
  const archive = outcome.archive === null ? '' : ` -> ${outcome.archive}`
  const time = formatDuration(outcome.seconds * 1000)
  const head = `${verdictLabel(outcome.verdict)} ${outcome.database}: ${scopeText(outcome)}in ${time}${archive}`
  const facts = outcome.archive === null ? [] : factLines(outcome)
  const reasons = outcome.reasons.map(reason => `  reason   ${remarkText(reason)}`)
  const notes = outcome.notes.map(note => `  note     ${note}`)
  return [head, ...facts, ...reasons, ...notes, ...restoreLines(outcome)]
}

/** The table at the end of a run, one line a database. */
export function summaryTable(outcomes: readonly VerificationOutcome[]): readonly string[] {
  const rows = outcomes.map(outcome => [
    outcome.database,
    verdictText(outcome.verdict),
    outcome.takenAt === null ? 'no archive' : outcome.takenAt.slice(0, 16).replace('T', ' '),
    ...['tables', 'rows'].map(what => String(countOf(outcome, what) || '')),
    formatDuration(outcome.seconds * 1000),
    outcome.restoreSeconds === null ? '' : formatDuration(outcome.restoreSeconds * 1000),
  ])
  return formatTable(
    [
      { title: 'DATABASE' },
      { title: 'VERDICT' },
      { title: 'TAKEN' },
      { title: 'TABLES', align: 'right' },
      { title: 'ROWS', align: 'right' },
      { title: 'TIME', align: 'right' },
      { title: 'TO RESTORE', align: 'right' },
    ],
    rows,
  )
}

/** `2 of 3 proved, 1 failed, in 12 s`. */
export function closingLine(outcomes: readonly VerificationOutcome[], seconds: number): string {
  if (outcomes.length === 0)
    return 'nothing was verified: the configuration has no valid database, or none in this shard'
  const count = (verdict: Verdict): number => outcomes.filter(outcome => outcome.verdict === verdict).length
  const failed = count('failed') === 0 ? '' : `, ${count('failed')} failed`
  const unverified = count('could-not-verify') === 0 ? '' : `, ${count('could-not-verify')} could not be verified`
  return `${count('proved')} of ${outcomes.length} proved${failed}${unverified}, in ${formatDuration(seconds * 1000)}`
}

function verdictLabel(verdict: Verdict): string {
  return verdict === 'could-not-verify' ? 'NOT PROVED' : verdictText(verdict).padEnd(10)
}

/** Nothing of an archive whose first count, that of what holds the others, is none. */
function scopeText({ counts = [] }: VerificationOutcome): string {
  if ((counts[0]?.count ?? 0) === 0) return ''
  return counts.map(({ what, count }) => `${count} ${count === 1 ? what.replace(/s$/, '') : what}, `).join('')
}

const FACTS: readonly (readonly [keyof ProofFacts, string])[] = [
  ['isWhatWasDumped', 'the archive is what was dumped'],
  ['loads', 'all of it loads'],
  ['comesBack', 'what came back is what the archive says'],
]

function factLines({ facts }: VerificationOutcome): readonly string[] {
  return FACTS.map(([name, text]) => `  ${factWord(facts[name]).padEnd(8)} ${text}`)
}

function factWord(state: FactState): string {
  switch (state) {
    case 'held':
      return 'yes'
    case 'broken':
      return 'NO'
    case 'unknown':
      return 'unknown'
  }
}

function restoreLines({ restoreSeconds }: VerificationOutcome): readonly string[] {
  return restoreSeconds === null
    ? []
    : [`  restore  it took ${formatDuration(restoreSeconds * 1000)} to load here; a real restore takes at least that`]
}
