import { pathBelowVolume } from '../../catalog/filter.ts'
import { OperatorError } from '../../errors.ts'
import type { RestoreSource } from './restore-source.ts'

/**
 * A filter alone may name another source's archive only to make a database that is not there. Throws an OperatorError of
 * kind `usage` where it does so for `target`, which is there.
 */
export function refuseUnmeant({ another, entry }: RestoreSource, target: string): void {
  if (another === null || another.isMeant) return
  // Without a manifest only the beginning of its file's name is known.
  const spec = another.name.includes('/') ? another.name : 'SPEC'
  throw new OperatorError(
    'usage',
    `${target}: -f names ${pathBelowVolume(entry)}, of ${another.name}; expected an archive of ${target}, which exists`,
    { hint: `nothing was touched; --of ${spec} puts the content of that one into it` },
  )
}
