import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { AclItem, DatabaseSetting, GivenFacts } from './database-facts.ts'
import { settingLiteral } from './setting-value.ts'

/** The names that are known only where a change is made. */
export const DATABASE = Symbol('the database')
export const OWNER = Symbol('its owner')

/** One statement without its semicolon, cut where such a name stands in it. All else in it is quoted. */
export type DatabaseChange = readonly (string | typeof DATABASE | typeof OWNER)[]

/** The statements that give facts to a database: those of one group succeed or fail together. First one group a setting. */
export function databaseChanges(facts: GivenFacts): readonly (readonly DatabaseChange[])[] {
  const { comment, connectionLimit } = facts
  return [
    ...facts.settings.map(setting => [settingChange(setting)]),
    ...rightsChanges(facts),
    ...(comment === null ? [] : [[['COMMENT ON DATABASE ', DATABASE, ` IS ${quoteLiteral(comment)}`] as const]]),
    ...(connectionLimit === -1
      ? []
      : [[['ALTER DATABASE ', DATABASE, ` CONNECTION LIMIT ${connectionLimit}`] as const]]),
  ]
}

function settingChange({ role, name, value }: DatabaseSetting): DatabaseChange {
  const before = role === null ? 'ALTER DATABASE ' : `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE `
  return [before, DATABASE, ` SET ${quoteIdentifier(name)} TO ${settingLiteral(name, value)}`]
}

/** First everything is taken away, then each grantee gets its own group: a role that is missing there loses only its own. */
function rightsChanges({ acl, owner }: GivenFacts): readonly (readonly DatabaseChange[])[] {
  if (acl.length === 0) return []
  const revoke: readonly DatabaseChange[] = [
    ['REVOKE ALL ON DATABASE ', DATABASE, ' FROM PUBLIC'],
    ['REVOKE ALL ON DATABASE ', DATABASE, ' FROM ', OWNER],
  ]
  const ofOwner = acl.filter(item => item.grantee === owner).flatMap(item => grants(item, owner))
  const others = acl.filter(item => item.grantee !== owner).map(item => grants(item, owner))
  // The owner's own rights come back in the same group: it must never be left without them.
  return [[...revoke, ...ofOwner], ...others.filter(changes => changes.length > 0)]
}

function grants(item: AclItem, owner: string): readonly DatabaseChange[] {
  const plain = item.privileges.filter(privilege => !item.grantable.includes(privilege))
  return [
    ...grant({ ...item, privileges: plain }, owner, ''),
    ...grant({ ...item, privileges: item.grantable }, owner, ' WITH GRANT OPTION'),
  ]
}

function grant({ grantee, privileges }: AclItem, owner: string, option: string): readonly DatabaseChange[] {
  if (privileges.length === 0) return []
  const before = `GRANT ${privileges.join(', ')} ON DATABASE `
  if (grantee === owner) return [[before, DATABASE, ' TO ', OWNER, option]]
  return [[before, DATABASE, ` TO ${grantee === null ? 'PUBLIC' : quoteIdentifier(grantee)}${option}`]]
}

/** A change as one statement for this database. */
export function changeOf(change: DatabaseChange, names: { readonly database: string; readonly owner: string }): string {
  const written = (piece: DatabaseChange[number]): string =>
    typeof piece === 'string' ? piece : quoteIdentifier(piece === DATABASE ? names.database : names.owner)
  return change.map(written).join('')
}
