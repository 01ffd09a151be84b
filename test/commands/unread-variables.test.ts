import { expect, test } from 'vitest'
import { type BackupFolder, backupFolder, runBackup, startBackup } from '../support/backup-program.ts'
import { logEvents } from '../support/backups.ts'

const SECRET = 'hunter2'

function environment(folder: BackupFolder): Record<string, string> {
  return {
    BACKUP_DIR: folder.volume,
    HTTP_PORT: '0',
    DATABASE_USER: 'a',
    DATABASE_PASSWORD: 'b',
    WEEKLY_BACKUP: SECRET,
    WALLETDB_PASSWORD: SECRET,
  }
}

function warnedIn(stderr: string): readonly unknown[] {
  return logEvents(stderr.slice(0, stderr.lastIndexOf('\n') + 1))
    .filter(({ event }) => event === 'configuration-warning')
    .map(({ place }) => place)
}

/** Nobody listens there. */
const CONF = 'wallet-db.invalid/tob\nwallet-db:1/tob\nFTP_PASSWORD=hunter2\n@every 1s default ./backup.sh -s -p'

test('FM141 variables that mean nothing are shown by -c, which ends as without them', async () => {
  using folder = backupFolder(CONF)

  const { code, stdout, stderr } = await runBackup(['-c'], { conf: folder.conf, env: environment(folder) })

  expect(code, stdout).toBe(0)
  expect(stdout).toContain(
    [
      '  warning: WEEKLY_BACKUP: nothing reads this variable; expected a setting, or one of a configured host',
      '    did you mean WEEKLY_BACKUPS?',
      '  warning: WALLETDB_PASSWORD: nothing reads this variable; expected a setting, or one of a configured host',
      '    did you mean WALLET_DB_PASSWORD?',
    ].join('\n'),
  )
  expect(stdout).toContain(`warning: ${folder.conf}:3: nothing reads the variable FTP_PASSWORD here; expected `)
  expect(stdout + stderr).not.toContain(SECRET)
})

test('FM141 they are logged when the container starts, and not again with each of its runs', async () => {
  using folder = backupFolder(CONF)
  const running = startBackup([], { conf: folder.conf, env: environment(folder) })
  try {
    await running.printed(/(scheduled-run-finished.*){2}/s)
  } finally {
    running.kill('SIGKILL')
  }
  const { stdout, stderr } = await running.result

  expect(warnedIn(stderr)).toEqual([`${folder.conf}:3`, 'WEEKLY_BACKUP', 'WALLETDB_PASSWORD'])
  expect(stdout + stderr).not.toContain(SECRET)
}, 60_000)
