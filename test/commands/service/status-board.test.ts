import { expect, test } from 'vitest'
import { putInForce } from '../../../src/commands/service/configuration-in-force.ts'
import { createStatusBoard } from '../../../src/commands/service/status-board.ts'
import { readBackupConf } from '../../../src/config/backup-conf.ts'
import { startTimetable } from '../../../src/schedule/timetable.ts'
import { commandContext } from '../../support/command-context.ts'

test('FM134 how often some databases are backed up does not pass for how often all are', () => {
  const { context } = commandContext('/backups', ['wallet-tob', 'wallet-two'])
  const text = '0 1 * * * default backup -s\n@every 2h default backup -s wallet/tob'
  const { cronLines } = readBackupConf({ path: 'backup.conf', text })
  const now = context.clock.now()
  const inForce = putInForce({ configuration: { ...context.configuration, cronLines }, sha256: null, conf: null }, now)
  const timetable = startTimetable(inForce.runs, { now, lastStart: () => null })
  const loop = { timetable, running: null, waiting: [] }
  const nothing = { runs: { finished: 0, failed: 0 }, missed: 0, databases: [], servers: [] }
  const volume = { writable: false, totalBytes: null, freeBytes: null }

  const { schedules } = createStatusBoard({ ...nothing, inForce, loop, volume }, context).status()

  expect(schedules.map(({ intervalSeconds }) => intervalSeconds)).toEqual([86_400, null])
})
