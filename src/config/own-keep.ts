import { type KeepRules, ruleText } from './keep-rule.ts'
import type { Problem } from './problem.ts'
import type { Settings } from './settings.ts'
import type { SourceOptions } from './source-options.ts'

/** What is kept of one source: what its line says, and for the rest the settings; null where either could not be read. */
export function keepRulesOf({ keep }: SourceOptions, settings: KeepRules | null): KeepRules | null {
  if (keep === undefined) return settings
  return keep === null || settings === null ? null : { ...settings, ...keep }
}

/** What a line says of retention, as one would write it; null where it says nothing. */
export function ownKeepText({ keep }: SourceOptions): string | null {
  if (keep === undefined) return null
  if (keep === null) return 'keep= cannot be read'
  const rules = Object.entries(keep).map(([tier, rule]) => `${tier === 'all' ? '' : `${tier}:`}${ruleText(rule)}`)
  return `keep=${rules.join(',')}`
}

/** Nothing but the options. */
export function optionsIn({ keep, alarm }: SourceOptions): SourceOptions {
  return { ...(keep === undefined ? {} : { keep }), ...(alarm === undefined ? {} : { alarm }) }
}

/** A warning for each line that says something of a strategy that is not in use: whoever wrote it believes that it counts. */
export function keepWarnings(
  sources: readonly (SourceOptions & { readonly place: string })[],
  strategy: Settings['strategy'],
): readonly Problem[] {
  return sources.flatMap(({ keep, place }): readonly Problem[] => {
    const names = Object.keys(keep ?? {})
    const unused = names.filter(name => (name === 'all') !== (strategy === 'daily'))
    if (unused.length === 0) return []
    const expected = strategy === 'daily' ? 'one without a tier, such as keep=31' : 'a tier, such as keep=daily:7d'
    const text = `a rule of keep= is without effect under BACKUP_STRATEGY=${strategy}; expected ${expected}`
    return [{ severity: 'warning', place, text }]
  })
}
