import type { ConfiguredDatabase } from '../../config/configured-databases.ts'
import { failureText } from '../../errors.ts'
import { alarmText } from '../../terminal/alarm-text.ts'
import { formatAge, formatLocalTime } from '../../terminal/format.ts'
import { quoteWord } from '../../terminal/quote-word.ts'
import type { SourceStanding } from '../source-standing.ts'

/** Why a source needs a person, in a sentence, and the command to begin with. */
export interface Attention {
  readonly reason: string
  readonly command: string
}

type Asked = Pick<ConfiguredDatabase, 'id'> & { readonly target: unknown }

/** What a person should know and type; null where the source needs nobody. */
export function attentionFor({ id, target }: Asked, standing: SourceStanding, zone: string): Attention | null {
  const name = quoteWord(id.name)
  const backup = target === null ? 'backup -c' : `backup -1 ${name}`
  switch (standing.state) {
    case 'on-time':
      return null
    case 'alarm':
      return { reason: alarmReason(standing, zone), command: `backup --changes ${name}` }
    case 'never':
      return {
        reason: `there is no backup of it${target === null ? NOT_TRIED : ', and none was tried'}`,
        command: backup,
      }
    case 'failed':
      return { reason: failedText(standing, zone), command: backup }
    case 'overdue':
      return { reason: overdueText(standing, zone) + (target === null ? NOT_TRIED : ''), command: backup }
    case 'proof-failed':
      return { reason: proofText(standing, zone), command: `backup -1 ${name} && backup -v ${name}` }
    case 'copies-missing':
      return { reason: copiesText(standing, zone), command: 'backup -c --check' }
  }
}

function alarmReason({ alarm }: SourceStanding, zone: string): string {
  if (alarm === null) return ''
  const since = dayAndTime(new Date(alarm.since), zone)
  return `since the backup of ${since}: ${alarmText(alarm)}; nothing from before it is removed until backup --accept`
}

const NOT_TRIED = ': it cannot be tried, since it has no credentials'

function failedText({ failed, last }: SourceStanding, zone: string): string {
  if (failed === null) return ''
  const runs = failed.runs === 1 ? 'the last backup failed' : `the last ${failed.runs} backups failed`
  const whole =
    last === undefined ? 'there is none that is whole' : `the last whole one is of ${dayAndTime(last.takenAt, zone)}`
  return `${runs}, since ${dayAndTime(failed.since, zone)}; ${whole}: ${failureText(failed.failure)}`
}

function overdueText({ last, allowedAge }: SourceStanding, zone: string): string {
  const taken = last === undefined ? '' : ` since ${dayAndTime(last.takenAt, zone)}`
  return `no backup${taken}; one was due every ${formatAge(allowedAge.intervalMs)} (${allowedAge.place})`
}

function proofText({ proof, proved }: SourceStanding, zone: string): string {
  if (proof === null) return ''
  const taken = dayAndTime(proof.archive.takenAt, zone)
  const other =
    proved === undefined ? 'none is proved' : `the newest that is proved is of ${dayAndTime(proved.takenAt, zone)}`
  return `the backup of ${taken} FAILED its proof on ${dayAndTime(proof.at, zone)}; ${other}`
}

function copiesText({ uncopied }: SourceStanding, zone: string): string {
  return uncopied
    .map(({ destination, archives }) => {
      const oldest = archives.at(-1)?.takenAt ?? new Date(0)
      const backups = archives.length === 1 ? '1 backup is' : `${archives.length} backups are`
      return `${backups} not at ${destination}, the oldest of ${dayAndTime(oldest, zone)}`
    })
    .join('; ')
}

function dayAndTime(time: Date, zone: string): string {
  return formatLocalTime(time, zone).slice(0, 16)
}
