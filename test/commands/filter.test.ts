import { describe, expect, test } from 'vitest'
import { backupFolder, runBackup } from '../support/backup-program.ts'
import { filesOf, putArchive } from '../support/volume.ts'

/** Nobody listens there, and nobody is to be asked. */
const SPEC = '127.0.0.1:1/app'

describe('a filter that names nothing', () => {
  test.each([
    ['-l'],
    ['-l --json'],
    ['-p --yes'],
    ['-p --dry-run'],
    ['-v all'],
    [`-v ${SPEC}`],
    [`-v ${SPEC} --adopt`],
    [`-r ${SPEC} --yes`],
    [`-r ${SPEC} --dry-run`],
    [`-r ${SPEC} --of 127.0.0.1/other --dry-run`],
  ])('FM131 is said by backup %s, which ends with 2 and does nothing', async line => {
    using folder = backupFolder(SPEC)
    putArchive(folder.volume, 'daily/2026-11-20/127.0.0.1-app_2026-11-20_01-00-00.sql.gz', { port: 1 })
    const env = { BACKUP_DIR: folder.volume, DATABASE_USER: 'a', DATABASE_PASSWORD: 'b', DATABASE_ADMIN_PASSWORD: 'c' }
    const before = filesOf(folder.volume)

    const { code, stdout, stderr } = await runBackup([...line.split(' '), '-f', 'nothing'], { conf: folder.conf, env })

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^backup: .*-f.* names no archive.*expected a path, a file name, or a part of it/m)
    expect(filesOf(folder.volume)).toEqual(before)
  })
})
