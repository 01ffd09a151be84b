import { type Failure, failureText } from '../../errors.ts'
import type { DatabaseOutcome, FactState, Remark, ToldAlarm, VerificationOutcome } from '../../events.ts'
import { alarmText } from '../../terminal/alarm-text.ts'
import { formatBytes, formatChange, formatDuration } from '../../terminal/format.ts'
import { quoteWord } from '../../terminal/quote-word.ts'
import type { DatabaseNews } from '../database-news.ts'
import type { CopyState } from '../occurrence.ts'
import { type Line, shown, shownReason } from './message.ts'

/** More of them would push other databases out of the message; all of them stand in the log. */
const MOST_REMARKS = 5

/** One database of a backup run: result, size, change, time, copies; and, indented, what else a person should know. */
export function backupLines(
  outcome: DatabaseOutcome,
  news: DatabaseNews,
  copies: readonly CopyState[] = [],
): readonly Line[] {
  const time = formatDuration(outcome.seconds * 1000)
  const name = shown(outcome.database)
  if (outcome.result === 'failed') {
    const result = news.level === 'ERROR' ? `FAILED after ${time}` : 'not backed up'
    const again = news.change === 'still-failing' ? ', as before' : ''
    return [
      ['- ', name, ` ${result}${again}: `, reason(outcome.failure, outcome.database)],
      ...hintLines(outcome.failure),
    ]
  }
  const change = formatChange(outcome.storedBytes, outcome.previousBytes)
  const size = `${formatBytes(outcome.storedBytes)}${change === '' ? '' : ` (${change})`}`
  const line = ['- ', name, ` ${size} in ${time}${newsText(news)}${copiesText(copies)}`]
  const pruned =
    outcome.pruneFailure === null ? [] : [['  NOT PRUNED: ', reason(outcome.pruneFailure, outcome.database)]]
  return [line, ...alarmLines(outcome.alarm, outcome.database), ...pruned, ...textLines('warning: ', outcome.warnings)]
}

function alarmLines(alarm: ToldAlarm | undefined, database: string): readonly Line[] {
  if (alarm === undefined) return []
  return [
    [`  ALARM${alarm.isNew ? '' : ', as before'}: `, shownReason(alarmText(alarm))],
    [
      '  what to do: see ',
      shown(`backup --changes ${quoteWord(database)}`),
      '; if it is right: ',
      shown(`backup --accept ${quoteWord(database)}`),
    ],
  ]
}

/** One database of a verify run: verdict, the three facts, reasons and notes. */
export function verificationLines(outcome: VerificationOutcome): readonly Line[] {
  const { database, verdict, reasons, notes, counts = [], seconds } = outcome
  const name = shown(database)
  const taken = outcome.takenAt === null ? '' : `, taken ${outcome.takenAt}`
  const where = outcome.from === 'volume' ? '' : ` from ${outcome.from}`
  const time = formatDuration(seconds * 1000)
  if (verdict === 'proved') {
    const size = counts.map(({ what, count }) => `${count} ${what}, `).join('')
    const line = ['- ', name, ` proved${where}: ${size}in ${time}${taken}`]
    return [line, ...textLines('note: ', notes)]
  }
  const word = verdict === 'failed' ? 'FAILED' : 'could not be verified'
  return [['- ', name, ` ${word}${where} after ${time}${taken}: ${factsText(outcome)}`], ...remarkLines(reasons)]
}

/** What to do about a failure, when it says so. */
function hintLines(failure: Failure): readonly Line[] {
  return failure.hint === null ? [] : [['  what to do: ', shownReason(failure.hint)]]
}

/** Most reasons begin with the database that they are about. */
function reason(failure: Failure, database: string): ReturnType<typeof shown> {
  const text = failureText({ ...failure, hint: null })
  return shownReason(text.startsWith(`${database}: `) ? text.slice(database.length + 2) : text)
}

function newsText({ change, shrunkFrom }: DatabaseNews): string {
  const news = change === 'recovery' ? ', works again' : change === 'first' ? ', first backup' : ''
  return shrunkFrom === null ? news : `${news}, LESS THAN HALF of the usual ${formatBytes(shrunkFrom)}`
}

function copiesText(copies: readonly CopyState[]): string {
  const words = { done: 'copied to', waiting: 'not yet copied to', failed: 'NOT COPIED to' }
  return copies.map(({ destination, state }) => `, ${words[state]} ${destination}`).join('')
}

function factsText({ facts }: VerificationOutcome): string {
  const word = (state: FactState): string => ({ held: 'yes', broken: 'NO', unknown: 'not known' })[state]
  const { isWhatWasDumped, loads, comesBack } = facts
  return `is what was dumped: ${word(isWhatWasDumped)}, loads: ${word(loads)}, comes back as it was: ${word(comesBack)}`
}

function remarkLines(remarks: readonly Remark[]): readonly Line[] {
  const texts = remarks.map(({ kind, name, sqlstate, text }) => {
    const place = [kind, name].filter(part => part !== null && part !== '').join(' ')
    return `${place}: ${text}${sqlstate === null ? '' : ` (SQLSTATE ${sqlstate})`}`
  })
  return textLines('', texts)
}

function textLines(label: string, texts: readonly string[]): readonly Line[] {
  const lines = texts.slice(0, MOST_REMARKS).map((text): Line => [`  ${label}`, shownReason(text)])
  const more = texts.length - lines.length
  return more > 0 ? [...lines, [`  and ${more} more, in the log`]] : lines
}
