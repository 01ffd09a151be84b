import { readWrittenRight, type WrittenRight } from '../sql/written-right.ts'
import { compareItems } from './compare-items.ts'
import type { ItemList } from './item-list.ts'

/** The rights on one object, as they are on the server. */
export interface RightsThere {
  /** What `ALL` is on an object of this type, and `ALL(column)` on a column. */
  readonly all: readonly string[]
  readonly allOfColumn: readonly string[]
  /** By `rightKey`: whether it may be given on. */
  readonly rights: ReadonlyMap<string, boolean>
}

/** What one right of one role is known by; `PUBLIC` is everybody. */
export function rightKey(privilege: string, grantee: string): string {
  return `${privilege} TO ${grantee}`
}

/** The objects on which one side has a GRANT or REVOKE that the other has not. */
export function objectsOfOtherRights(archive: ItemList, back: ItemList): ReadonlySet<string> {
  const { missing, unexpected, changed } = compareItems(archive, back)
  const rights = [...missing, ...unexpected, ...changed].map(readWrittenRight)
  return new Set(rights.flatMap(right => right?.object ?? []))
}

/**
 * Of these objects, those whose rights are what the archive says, though other statements say so: all that it gives and
 * takes is given and taken there, and what the dump of the loaded database says is nothing else.
 */
export function objectsOfSameRights(
  archive: ItemList,
  back: ItemList,
  there: ReadonlyMap<string, RightsThere>,
): ReadonlySet<string> {
  const wanted = rightsByObject(archive, there)
  const found = rightsByObject(back, there)
  const same = [...there].filter(([object, rights]) => {
    const said = saidOf(wanted.get(object) ?? [], rights)
    return isThere(said, rights) && isPartOf(saidOf(found.get(object) ?? [], rights), said)
  })
  return new Set(same.map(([object]) => object))
}

/** Without the statements of rights on these objects. */
export function withoutRightsOn(objects: ReadonlySet<string>, items: ItemList): ItemList {
  if (objects.size === 0) return items
  return items.filter(label => !objects.has(readWrittenRight(label)?.object ?? ''))
}

function rightsByObject(items: ItemList, objects: ReadonlyMap<string, RightsThere>): Map<string, WrittenRight[]> {
  const rights = new Map<string, WrittenRight[]>()
  for (const item of items) {
    const right = readWrittenRight(item)
    if (right === null || !objects.has(right.object)) continue
    const others = rights.get(right.object)
    if (others === undefined) rights.set(right.object, [right])
    else others.push(right)
  }
  return rights
}

/** What statements come to, one after the other: by `rightKey`, whether it may be given on; null: it is taken away. */
type Said = ReadonlyMap<string, boolean | null>

function saidOf(statements: readonly WrittenRight[], { all, allOfColumn }: RightsThere): Said {
  const said = new Map<string, boolean | null>()
  for (const { privileges, grantee, gives, grantable } of statements)
    for (const privilege of privileges.flatMap(each => single(each, all, allOfColumn)))
      said.set(rightKey(privilege, grantee), gives ? grantable : null)
  return said
}

function single(privilege: string, all: readonly string[], allOfColumn: readonly string[]): readonly string[] {
  if (privilege === 'ALL') return all
  const column = /^ALL(\(.*\))$/s.exec(privilege)?.[1]
  return column === undefined ? [privilege] : allOfColumn.map(each => each + column)
}

function isThere(said: Said, { rights }: RightsThere): boolean {
  return [...said].every(([key, grantable]) => (rights.get(key) ?? null) === grantable)
}

function isPartOf(found: Said, said: Said): boolean {
  return [...found].every(([key, grantable]) => said.get(key) === grantable)
}
