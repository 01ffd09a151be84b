import { OperatorError } from '../../../errors.ts'

/** Of a part of an archive that this program writes itself, in which something else stands. */
export function foreignStatement(part: 'roles' | 'database'): OperatorError {
  return new OperatorError(
    'incomplete',
    `${part} part: it holds a statement that this program does not write; expected it as it was written`,
    { hint: 'somebody may have changed the archive: compare its SHA-256 with another copy' },
  )
}
