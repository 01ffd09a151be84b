import { pathBelowVolume } from '../../catalog/filter.ts'
import { OperatorError } from '../../errors.ts'
import { type GivenShape, knowsShape, saysLocale } from '../../sources/postgres/restore/planned-shape.ts'
import type { TargetState } from '../../sources/postgres/restore/target-state.ts'
import type { PlannedRoles } from '../../sources/postgres/roles/planned-roles.ts'
import type { RestoreOptions, RestorePrompts } from './restore-options.ts'
import type { RestoreSource } from './restore-source.ts'

interface Choosing {
  readonly options: RestoreOptions
  readonly source: RestoreSource
  readonly state: TargetState
}

/**
 * What a person says of the database that is made, where neither archive nor live database does: by flags, else asked on a
 * terminal; null when a question was left. Throws as `shapeUnasked` does.
 */
export async function chooseShape(choosing: Choosing): Promise<GivenShape | null> {
  const { options, source, state } = choosing
  const { newDatabase: given, prompts, yes, dryRun } = options
  const isKnown = knowsShape(source.manifest) || state.live !== null || saysLocale(given)
  if (isKnown || prompts === null || yes || dryRun) return shapeUnasked(choosing)
  return await askForShape(given, prompts, state)
}

/**
 * The same by flags alone. An archive without a manifest gets the server's defaults, as the bash tool did it. Throws an
 * OperatorError of kind `usage` for a flag about what the archive says itself, an owner who is not there, and an adopted
 * archive of which nobody says the locale.
 */
export function shapeUnasked({ options, source, state }: Choosing): GivenShape {
  const { newDatabase: given } = options
  const { manifest } = source
  if (knowsShape(manifest)) return refuseFlags(source, given)
  return manifest === null || state.live !== null || saysLocale(given) ? given : refuseUnknown(source, state)
}

async function askForShape(
  given: GivenShape,
  prompts: RestorePrompts,
  { survey }: TargetState,
): Promise<GivenShape | null> {
  const ask = (what: string, usual: string): Promise<string | null> =>
    prompts.text(`${what} of the new database, which its archive does not say`, usual)
  const usual = survey.template.collate ?? 'C'
  const locale = await ask('Locale', usual)
  const owner = locale === null ? null : (given.owner ?? (await ask('Owner', survey.admin.name)))
  return owner === null ? null : { ...given, owner, locale: locale === usual ? null : locale }
}

/** Throws an OperatorError of kind `usage` where somebody is named as owner whom nobody knows. */
export function refuseOwner(owner: string | null, { survey }: TargetState, { made }: PlannedRoles): void {
  if (owner === null || survey.roles.has(owner) || made.some(({ name }) => name === owner)) return
  throw new OperatorError('usage', `--owner: neither server nor archive has role ${owner}; expected one that is there`)
}

const FLAGS: Readonly<Record<keyof GivenShape, string>> = {
  encoding: '--encoding',
  locale: '--locale',
  icuLocale: '--icu-locale',
  builtinLocale: '--builtin-locale',
  owner: '--owner',
}

/** A database that has another shape than its archive says would not be the one that was dumped. */
function refuseFlags({ entry }: RestoreSource, given: GivenShape): GivenShape {
  const flag = (Object.keys(FLAGS) as (keyof GivenShape)[]).find(key => given[key] !== null)
  if (flag === undefined) return given
  const message = `${FLAGS[flag]}: the manifest of ${pathBelowVolume(entry)} says it; expected an archive that does not`
  throw new OperatorError('usage', message, { hint: 'leave it out, and change the database when it is restored' })
}

function refuseUnknown({ entry }: RestoreSource, { survey }: TargetState): never {
  const message = `${pathBelowVolume(entry)}: nobody knows the locale of its database, as its manifest was made from the archive itself, and there is no live one to take it from; expected --locale, --icu-locale or --builtin-locale`
  const hint = `nothing was touched; that of new databases of the server is ${survey.template.collate ?? 'its default'}; --owner says who owns it, ${survey.admin.name} by default`
  throw new OperatorError('usage', message, { hint })
}
