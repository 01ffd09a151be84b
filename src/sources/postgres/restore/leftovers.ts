import type { Remark } from '../../../events.ts'
import { LOADER_PREFIX } from '../made/loader-role.ts'
import { isRemovable, type MadeThing } from '../made/made-things.ts'
import { companionsOf, type MeasuredName } from '../swap/companion-names.ts'
import type { Survey, SurveyedThing } from '../swap/survey.ts'

/** What earlier restores have left on the server: what this one removes, and what is for a person to drop. */
export function leftoverWarnings(survey: Survey): readonly Remark[] {
  const { base, databases, roles, made } = survey
  const isUnmarked = (kind: MadeThing['kind'], name: string): boolean =>
    !made.some(thing => thing.kind === kind && thing.name === name && isOurs(thing))
  const loaders = [...roles].filter(role => role.startsWith(LOADER_PREFIX) && isUnmarked('role', role))
  return [
    ...companionsOf(base, databases)
      .filter(name => isUnmarked('database', name))
      .map(name =>
        remark(name, `database ${name} is left from an earlier restore; drop it when it is no longer needed`),
      ),
    ...made.flatMap(thing => deadWarnings(thing, base)),
    ...loaders
      .toSorted()
      .map(name =>
        remark(
          name,
          `role ${name} is left from a restore that was killed, unless another one runs now: drop its database, then DROP ROLE "${name}"`,
        ),
      ),
  ]
}

/** Of a run that lives or has died; what a restore keeps is for a person. */
function isOurs({ marker }: MadeThing): boolean {
  return marker === null || marker.state === 'loading'
}

function deadWarnings(thing: SurveyedThing, base: MeasuredName): Remark[] {
  const { kind, name, marker } = thing
  if (thing.mayLive || !isOurs(thing)) return []
  const run = marker === null ? '' : ` (run ${marker.run})`
  const found = `${kind} ${name} is left from a restore that died${run}`
  if (isRemovable(thing, base)) return [remark(name, `${found}; it is removed first`)]
  const target = marker?.target ?? base.name
  const way = target === base.name ? 'drop it when it is no longer needed' : `a restore of ${target} removes it`
  return [remark(name, `${found}; ${way}`)]
}

function remark(name: string, text: string): Remark {
  return { kind: 'leftover', name, sqlstate: null, text }
}
