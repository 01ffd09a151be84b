import type { ConfiguredDatabase } from '../../config/configured-databases.ts'
import { ownKeepText } from '../../config/own-keep.ts'
import { isProblem, type Problem } from '../../config/problem.ts'
import type { SettingOrigin } from '../../config/setting-origins.ts'
import { SETTING_GROUPS } from '../../config/settings-table.ts'
import { failureText } from '../../errors.ts'
import type { KeptDatabase } from '../../events.ts'
import type { ScratchConfinement } from '../../sources/postgres/scratch/scratch-confinement.ts'
import { printable } from '../../system/printable.ts'
import { formatAge, formatBytes } from '../../terminal/format.ts'
import { paragraphs } from '../../terminal/paragraphs.ts'
import type { Access } from './check-access.ts'
import type { ConfigurationReport, ScheduleReport, ServerReport } from './configuration-report.ts'

/** The report of `-c` as a person reads it. `databases` are those that it reports. */
export function configurationText(
  report: ConfigurationReport,
  databases: readonly ConfiguredDatabase[],
): readonly string[] {
  const groups = SETTING_GROUPS.map(group => {
    const rows = report.settings.filter(setting => setting.group === group)
    return section(group, rows.map(settingRow))
  })
  const sections = [
    ...groups,
    section(`Databases to back up (from ${report.databasesFrom})`, databases.map(databaseRow)),
    ...(report.servers.length === 0 ? [] : [section('Every database of', report.servers.flatMap(serverRows))]),
    section('Schedules', report.schedules.map(scheduleRow)),
    section(problemTitle(report.problems), report.problems.flatMap(problemRows)),
  ]
  return paragraphs(sections)
}

/** What came of trying every database and destination. */
export function accessText(access: readonly Access[], now: Date): readonly string[] {
  const rows = access.flatMap(({ name, found, kept = [], notProvable = [], uncovered = [], failure }) => [
    failure === null ? ['works', printable(name), found] : ['FAILED', printable(name), failureText(failure)],
    ...notProvable.map(text => ['', '', `cannot be proved here: ${printable(text)}`]),
    ...uncovered.map(each => ['', '', `NOT BACKED UP, as no line covers it: ${printable(each)}`]),
    ...kept.map(each => ['', '', keptText(each, now)]),
  ])
  return ['', ...section('Tried', rows)]
}

function keptText({ bytes, since, dropWith }: KeptDatabase, now: Date): string {
  const size = bytes === null ? 'of unknown size' : formatBytes(bytes)
  const age = formatAge(now.getTime() - Date.parse(since))
  return `kept by a restore, ${size}, ${age} old; to drop it: ${dropWith}`
}

/** How scratch servers are confined, and what to do about it. */
export function confinementLines({ text, hint }: ScratchConfinement): readonly string[] {
  return section('Scratch server', [[printable(text)], ...(hint === null ? [] : [[`  ${hint}`]])])
}

function settingRow(setting: SettingOrigin): readonly string[] {
  if (setting.from === 'not set') return [setting.name, 'not set']
  const note = setting.note === null ? '' : ` (${setting.note})`
  return [setting.name, setting.secret ? 'set' : printable(setting.value ?? ''), setting.from + note]
}

function databaseRow(source: ConfiguredDatabase): readonly string[] {
  const { id, target, userFrom, passwordFrom, tlsFrom } = source
  const user = target === null ? 'not tried' : `user ${printable(target.user)} (${userFrom})`
  const password = passwordFrom === null ? 'password not set' : `password set (${passwordFrom})`
  const tls = target === null ? 'TLS not known' : `TLS ${target.tls.mode} (${tlsFrom ?? 'default'})`
  return [printable(id.name), user, password, tls, ownKeepText(source) ?? '']
}

function serverRows({ place, server, databases, failures }: ServerReport): readonly (readonly string[])[] {
  const found = databases === null ? 'not known which there are' : `${amountText(databases, 'database')} found`
  return [[printable(server), found, place], ...failures.map(text => [`  FAILED: ${printable(text)}`])]
}

function scheduleRow(schedule: ScheduleReport): readonly string[] {
  return [schedule.schedule, printable(schedule.command), `next ${schedule.next}`, schedule.timeZone]
}

function problemTitle(problems: readonly Problem[]): string {
  if (problems.length === 0) return 'Problems and warnings'
  const count = problems.filter(isProblem).length
  return `${amountText(count, 'problem')}, ${amountText(problems.length - count, 'warning')}`
}

function amountText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function problemRows(problem: Problem): readonly (readonly string[])[] {
  const line = [`${problem.severity}: ${problem.place}: ${problem.text}`]
  return problem.hint === undefined ? [line] : [line, [`  ${problem.hint}`]]
}

function section(title: string, rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(0, ...rows.map(row => row.length))
  const widths = Array.from({ length: columns }, (_, column) => widthOf(rows, column))
  const lines = rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  return [`${title}:`, ...(lines.length === 0 ? ['none'] : lines).map(line => `  ${line.trimEnd()}`)]
}

function widthOf(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(...rows.map(row => row[column]?.length ?? 0))
}
