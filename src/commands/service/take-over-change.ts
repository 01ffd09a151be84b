import { problemTexts } from '../../config/problem.ts'
import { startTimetable, type Timetable } from '../../schedule/timetable.ts'
import type { Context } from '../context.ts'
import type { ConfigurationPlace } from '../load-configuration.ts'
import { lookForChange } from './configuration-in-force.ts'
import type { StatusBoard } from './status-board.ts'

export interface TakeOverInput {
  readonly board: StatusBoard
  readonly context: Context
  readonly parts: ConfigurationPlace
}

/**
 * Looks whether `backup.conf` was changed, says so once, and gives the timetable of a new one that is taken over. Null
 * when everything stays as it is.
 */
export function takeOverChange({ board, context, parts }: TakeOverInput): Timetable | null {
  const { log, screen, clock } = context
  const old = board.known().inForce
  const inForce = lookForChange(old, parts, clock.now())
  if (inForce === old) return null
  board.update({ inForce })
  const { refused, sha256, configuration, runs } = inForce
  if (refused !== null) {
    log.error('configuration-refused', { sha256: refused.sha256, inForce: sha256, problems: refused.problems })
    screen.print('backup.conf was changed and cannot be used; what was read before stays in force:')
    for (const problem of refused.problems) screen.print(`problem    ${problem.place}: ${problem.text}`)
    context.notifications.tell({ type: 'configuration-refused', problems: problemTexts(refused.problems) })
    return null
  }
  const counts = { databases: configuration.targets.length, servers: configuration.servers.length }
  const fields = { sha256, ...counts, schedules: runs.length }
  log.info('configuration-changed', fields)
  screen.print(
    `backup.conf was changed and is used from now on: ${runs.length} schedules, ${fields.databases} databases${fields.servers === 0 ? '' : `, every database of ${fields.servers} servers`}`,
  )
  const problems = problemTexts(configuration.problems)
  context.notifications.tell({
    type: 'configuration-changed',
    ...counts,
    schedules: runs.length,
    problems,
  })
  return startTimetable(runs, { now: clock.now(), lastStart: () => null })
}
