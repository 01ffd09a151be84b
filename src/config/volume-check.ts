import type { Problem } from './problem.ts'
import type { Settings } from './settings.ts'

/**
 * What the names at the top of the backup folder (null: there is no such folder) say. Dated folders are the daily
 * strategy's, which was the default of older versions of the bash tool; under the rolling strategy nothing prunes them.
 */
export function checkVolume(
  names: readonly string[] | null,
  settings: Pick<Settings, 'backupDir' | 'strategy'>,
): readonly Problem[] {
  if (names === null) return [missing(settings.backupDir)]
  const dated = names.filter(name => /^\d{4}-\d{2}-\d{2}$/.test(name))
  if (settings.strategy !== 'rolling' || dated.length === 0) return []
  return [
    {
      severity: 'warning',
      place: 'BACKUP_STRATEGY',
      text: `the backup folder holds ${dated.length} dated ${dated.length === 1 ? 'folder' : 'folders'} of the daily strategy; expected none under rolling`,
      hint: 'set BACKUP_STRATEGY=daily to go on with them; otherwise they stay until you remove them',
    },
  ]
}

function missing(backupDir: string): Problem {
  return {
    severity: 'warning',
    place: 'BACKUP_DIR',
    text: `${backupDir} does not exist; expected the folder on which the volume is mounted`,
    hint: 'the first backup makes it, on whatever disk it then lies',
  }
}
