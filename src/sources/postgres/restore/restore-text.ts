import type { Remark } from '../../../events.ts'
import { formatBytes, formatDuration } from '../../../terminal/format.ts'
import { remarkText } from '../../../terminal/remark-text.ts'
import { verdictText } from '../../../terminal/verdict-text.ts'
import { type DumpSize, sizeText } from '../fingerprint/dump-size.ts'
import type { PlanOfArchive, RestorePlan } from './restore-plan.ts'

/** What a finished restore did. Its tables and rows are those that are there now. */
export interface RestoreResult extends DumpSize {
  /** What the archive holds. */
  readonly held: DumpSize
  readonly seconds: number
  /**
   * `equal-to-archive`: its manifest was made from the archive itself; `no-fingerprint`: the archive has no manifest, so that only its tables were
   * looked at.
   */
  readonly compared: 'equal' | 'equal-to-archive' | 'different' | 'no-fingerprint'
  /** Errors of loading and differences that `-I` went past. */
  readonly ignored: readonly Remark[]
  /** Ownership, rights and settings that could not be given, mostly to roles that the server lacks. */
  readonly skipped: readonly Remark[]
  readonly notes: readonly string[]
  /** The name of the database that was live before; null where there was none. */
  readonly keptAs: string | null
  /** The statement that removes it. */
  readonly dropCommand: string | null
}

/** The plan for a person. */
export function planText(plan: RestorePlan): readonly string[] {
  const { target } = plan
  const seenBy = target.seenBy === null ? `as ${target.admin}` : `looked at as ${target.seenBy}`
  return [
    ...archiveText(plan),
    `Into     ${target.name} (PostgreSQL ${target.serverVersion}, ${seenBy})`,
    `  now      ${nowText(plan)}`,
    ...target.sessions.map(
      group =>
        `  session  ${group.count} of ${group.user ?? 'the server itself'}${group.application === '' ? '' : ` (${group.application})`}, to be ended`,
    ),
    `  loaded   as ${plan.sideName}, ${plan.analyze ? 'and analyzed' : 'not analyzed (--no-analyze)'}`,
    ...(plan.searchPath.length === 0
      ? []
      : [`  looking  for names without a schema along the search_path of its database: ${plan.searchPath.join(', ')}`]),
    `  kept     ${keptText(plan)}`,
    ...(plan.inPlace ? [] : [`  space    ${spaceText(plan)}`]),
    `  owner    ${plan.owner}, ${shapeText(plan)}, as the ${plan.shapeFrom} ${plan.shapeFrom === 'command line' ? 'says' : 'has it'}`,
    `  rights   ${factsText(plan)}`,
    ...rolesText(plan),
    ...plan.warnings.map(warning => `  warning  ${warning.text}`),
    ...plan.blocks.map(block => `  BLOCKED  ${block.text}`),
    ...unseenText(plan),
  ]
}

/** The same where nobody could look at the server. */
export function planOfArchiveText(plan: PlanOfArchive): readonly string[] {
  return [...archiveText(plan), `Into     ${plan.target.name}`, ...unseenText(plan)]
}

function archiveText({ archive, target, contentOf }: RestorePlan | PlanOfArchive): readonly string[] {
  const proof = proofText(archive.verdict)
  return [
    ...(contentOf === null ? [] : [`ANOTHER  database's content goes into ${target.name}: that of ${contentOf}`]),
    `Restore  ${archive.path}`,
    `  taken    ${archive.takenAt.slice(0, 19).replace('T', ' ')}${archive.of === null ? '' : ` of ${archive.of}`}, ${formatBytes(archive.bytes)}, ${archive.hasManifest ? proof : 'no manifest'}, ${archive.from === 'volume' ? 'on the volume' : `a copy from ${archive.from}`}`,
    ...archive.notes.map(note => `  note     ${note}`),
  ]
}

function proofText(standing: RestorePlan['archive']['verdict']): string {
  if (standing === null) return 'never proved'
  return `${verdictText(standing.verdict)} ${standing.at.slice(0, 16).replace('T', ' ')}`
}

function unseenText({ unseen, target }: RestorePlan | PlanOfArchive): readonly string[] {
  if (unseen.length === 0) return []
  return [
    ...unseen.map(text => `  unseen   ${text}`),
    `           ${target.admin} sees it: set the password of that admin, or leave out --dry-run and be asked for it`,
  ]
}

/** What became of it, for a person. */
export function resultText(plan: RestorePlan, result: RestoreResult): readonly string[] {
  return [
    `restored ${plan.target.name}: ${sizeText(result, result.held)}, in ${formatDuration(result.seconds * 1000)}`,
    `  compared ${comparedText(result)}`,
    ...result.ignored.map(remark => `  ignored  ${remarkText(remark)}`),
    ...result.skipped.map(remark => `  left out ${remarkText(remark)}`),
    ...result.notes.map(note => `  note     ${note}`),
    ...(result.keptAs === null
      ? []
      : [
          `  kept     what was there before is ${result.keptAs}; when it is no longer needed:`,
          `           ${result.dropCommand}`,
        ]),
  ]
}

function nowText({ target }: RestorePlan): string {
  if (!target.exists) return 'there is no such database; it is made'
  return `${formatBytes(target.sizeBytes ?? 0)}, ${target.tables} ${target.tables === 1 ? 'table' : 'tables'}`
}

function keptText(plan: RestorePlan): string {
  if (!plan.target.exists) return 'nothing, as nothing is there'
  if (plan.keptAs !== null) return `what is there now, as ${plan.keptAs}`
  return 'NOTHING: in place, what is there now is dropped before the archive is loaded; if that fails, only the archive is left'
}

/** How much the server has no query tells. */
function spaceText({ moreBytes, target }: RestorePlan): string {
  const room = moreBytes === null ? 'room for one more database' : `room for ${formatBytes(moreBytes)} more`
  return `the server needs ${room}${target.exists ? ', as both databases exist for a while' : ''}; see that its disk has it`
}

function shapeText({ shape, collationVersion }: RestorePlan): string {
  const { encoding, localeProvider, icuLocale, icuRules, collate } = shape
  const locale = icuLocale === null ? collate : `${icuLocale} of ${localeProvider}`
  return [
    encoding,
    ...(locale === null ? [] : [locale]),
    ...(icuRules === undefined ? [] : [`rules ${icuRules}`]),
    ...(collationVersion === null ? [] : [`version ${collationVersion} where it was taken`]),
  ].join(', ')
}

function factsText(plan: RestorePlan): string {
  if (plan.factsFrom === 'none') return 'those of a new database, and all for the user of this host'
  return `settings, rights, comment and connection limit as the ${plan.factsFrom} has them`
}

function rolesText({ roles }: RestorePlan): readonly string[] {
  const notNeeded = notNeededText(roles.notNeeded)
  return [
    ...roles.made.map(
      ({ name, attributes }) =>
        `  role     ${name} is made${attributes.length === 0 ? '' : `: ${attributes.join(', ')}`}`,
    ),
    ...roles.withheld.map(text => `  left out ${text}`),
    ...(notNeeded === null ? [] : [`  note     ${notNeeded}`]),
  ]
}

/** About roles of the archive that the database does not need; null where there are none. */
export function notNeededText(count: number): string | null {
  if (count === 0) return null
  return `${count} more ${count === 1 ? 'role' : 'roles'} of the archive, which the server lacks: this database does not need ${count === 1 ? 'it, and it is' : 'them, and they are'} not made`
}

function comparedText({ compared }: RestoreResult): string {
  switch (compared) {
    case 'equal':
      return 'what was loaded is what was dumped'
    case 'equal-to-archive':
      return 'what was loaded is what the archive holds; its manifest was made from it, so that nobody knows what was dumped'
    case 'different':
      return 'NOT what was dumped; the differences were ignored (-I)'
    case 'no-fingerprint':
      return 'not possible: the archive has no manifest; its tables exist and can be read'
  }
}
