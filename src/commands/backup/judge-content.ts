import type { WrittenArchive } from '../../archive/write-archive.ts'
import type { Manifest } from '../../catalog/manifest.ts'
import type { ContentAlarm } from '../../events.ts'
import type { Captured } from '../../sources/postgres/capture/capture.ts'
import { alarmOf, isNewAlarm, lossesBetween } from '../alarm/compare-content.ts'
import { lastWithoutAlarm } from '../alarm/last-without-alarm.ts'
import type { BackupCycle } from './backup-run.ts'

/** What a new archive shows that only a person can say is right, and whether somebody has to be told. */
export interface JudgedContent {
  readonly alarm: ContentAlarm | null
  /** It says what the archive before did not. */
  readonly isNew: boolean
  /** The fields of the manifest that say it. */
  readonly fields: Pick<Manifest, 'alarm' | 'alarmExcept'>
}

interface Taken {
  readonly captured: Pick<Captured, 'tables'>
  readonly written: Pick<WrittenArchive, 'rawBytes' | 'sha256'>
  readonly startedAt: string
}

/**
 * Holds what was just dumped against the last archive without an alarm. The backup is good whatever comes of it. An alarm
 * that stands goes on where there is nothing left to hold it against; the first archive has none. Never rejects.
 */
export async function judgeContent(
  { job, run, earlier }: Pick<BackupCycle, 'job' | 'run' | 'earlier'>,
  { captured, written, startedAt }: Taken,
): Promise<JudgedContent> {
  const { clock, configuration } = run.context
  const { standing, except, content } = await lastWithoutAlarm(earlier, {
    database: { ...job.target, id: job.id },
    now: clock.now(),
  })
  const { off, except: ofLine } = job.own.alarm ?? { off: false, except: [] }
  if (off) return { alarm: null, isNew: false, fields: except.length === 0 ? {} : { alarmExcept: except } }
  const given = { standing, startedAt, id: written.sha256.slice(0, 8) }
  const now = { archive: '', tables: captured.tables, rawBytes: written.rawBytes }
  const limits = { ...configuration.settings.alarm, except: new Set([...except, ...ofLine]) }
  const alarm =
    content === null ? standing : alarmOf(lossesBetween(content, now, limits), { ...given, against: content.archive })
  return {
    alarm,
    isNew: alarm !== null && isNewAlarm(alarm, standing),
    fields: {
      ...(alarm === null ? {} : { alarm }),
      ...(except.length === 0 ? {} : { alarmExcept: except }),
    },
  }
}
