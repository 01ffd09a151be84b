import type { RunReport, ServerNews } from '../../events.ts'
import { type Line, type Span, shown } from './message.ts'

/** The rest stands in `-c --check`. */
const MOST_NAMED = 10

/** What a backup run found new on its servers: databases that came, that vanished, and that no line covers. */
export function serverLines(report: RunReport): readonly Line[] {
  return serversOf(report).flatMap(({ server, came, vanished, uncovered }) => [
    ...linesOf([shown(server), ': new here, and backed up from now on: '], came),
    ...linesOf([shown(server), ': no longer there; archives stay until somebody removes them: '], vanished),
    ...linesOf([shown(server), ': covered by no line of backup.conf, and not backed up: '], uncovered),
  ])
}

/** Whether something may be lost, or is not kept: a database that vanished, or that nothing covers. */
export function lacksDatabases(report: RunReport): boolean {
  return serversOf(report).some(({ vanished, uncovered }) => vanished.length + uncovered.length > 0)
}

function serversOf(report: RunReport): readonly ServerNews[] {
  return report.mode === 'backup' ? (report.servers ?? []) : []
}

function linesOf(head: readonly Span[], names: readonly string[]): readonly Line[] {
  if (names.length === 0) return []
  const named = names.slice(0, MOST_NAMED).flatMap((name, index) => [index === 0 ? '' : ', ', shown(name)])
  const more = names.length - MOST_NAMED
  return [[...head, ...named, more > 0 ? ` and ${more} more` : '']]
}
