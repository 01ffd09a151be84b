import type { Attack } from './attack.ts'
import { CASTS } from './casts.ts'
import { CODE_OF_OWNERS } from './code-of-owners.ts'
import { FOREIGN } from './foreign.ts'
import { FUNCTIONS } from './functions.ts'
import { LANGUAGES } from './languages.ts'
import { OPERATOR_OBJECTS } from './operators.ts'
import { TEXT_SEARCH } from './search.ts'
import { SETTINGS_AND_NAMES } from './settings-and-names.ts'
import { TAMPERED_DUMPS } from './tampered-dump.ts'
import { TAMPERED_MANIFESTS } from './tampered-manifest.ts'
import { TAMPERED_ROLES } from './tampered-roles.ts'
import { TYPES } from './types.ts'

/** All attacks: on the catalogs, one file each, then on the parts of an archive. */
export const ATTACKS: readonly Attack[] = [
  ...CASTS,
  ...TYPES,
  ...OPERATOR_OBJECTS,
  ...FUNCTIONS,
  ...LANGUAGES,
  ...TEXT_SEARCH,
  ...FOREIGN,
  ...CODE_OF_OWNERS,
  ...SETTINGS_AND_NAMES,
  ...TAMPERED_DUMPS,
  ...TAMPERED_ROLES,
  ...TAMPERED_MANIFESTS,
]

/** Those that mean something for a server of this major. */
export function attacksFor(major: number, attacks: readonly Attack[] = ATTACKS): readonly Attack[] {
  return attacks.filter(({ from = 0, until = 99 }) => from <= major && major <= until)
}
