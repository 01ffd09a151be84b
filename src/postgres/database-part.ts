import type { AclItem, DatabaseSetting, RecordedDatabase } from './database-facts.ts'
import { doBlock } from './do-block.ts'
import { quoteIdentifier, quoteLiteral } from './quote.ts'
import { settingLiteral } from './setting-value.ts'

const HEAD = `--
-- What belongs to the database itself and pg_dump leaves out: settings, rights, comment and connection limit.
-- It is applied to the database that it is loaded into, whatever its name; what the loading role may not do
-- becomes a warning. The rights of the owner go to the owner of that database.
--

SET client_encoding = 'UTF8';

`

const NAME = 'pg_catalog.quote_ident(pg_catalog.current_database())'
const OWNER =
  '(SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(datdba)) FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())'

/** The facts of a database that can be given to another one. */
export type GivenFacts = Pick<RecordedDatabase, 'owner' | 'settings' | 'acl' | 'comment' | 'connectionLimit'>

/** The third part of an archive: SQL that gives the facts of one database to the one that it is loaded into. */
export function databasePart(facts: { readonly database: GivenFacts }): string {
  const { database } = facts
  const blocks = [
    ...database.settings.map(settingBlock),
    ...rightsBlocks(database),
    ...(database.comment === null
      ? []
      : [doBlock([execute('COMMENT ON DATABASE ', ` IS ${quoteLiteral(database.comment)}`)])]),
    ...(database.connectionLimit === -1
      ? []
      : [doBlock([execute('ALTER DATABASE ', ` CONNECTION LIMIT ${database.connectionLimit}`)])]),
  ]
  return `\n${HEAD}${blocks.join('\n')}\n--\n-- End of the database part\n--\n`
}

/** A PL/pgSQL statement that runs `before <name of this database> after`. */
function execute(before: string, after: string): string {
  return `  EXECUTE ${quoteLiteral(before)} || ${NAME} || ${quoteLiteral(after)};`
}

function settingBlock(setting: DatabaseSetting): string {
  const assignment = ` SET ${quoteIdentifier(setting.name)} TO ${settingLiteral(setting.name, setting.value)}`
  const before = setting.role === null ? 'ALTER DATABASE ' : `ALTER ROLE ${quoteIdentifier(setting.role)} IN DATABASE `
  return doBlock([execute(before, assignment)])
}

/** First everything is taken away, then each grantee gets its own block: a role that is missing here loses only its own. */
function rightsBlocks(database: GivenFacts): string[] {
  if (database.acl.length === 0) return []
  const revoke = [
    execute('REVOKE ALL ON DATABASE ', ' FROM PUBLIC'),
    `  EXECUTE 'REVOKE ALL ON DATABASE ' || ${NAME} || ' FROM ' || ${OWNER};`,
  ]
  const owner = database.acl
    .filter(item => item.grantee === database.owner)
    .flatMap(item => grants(item, database.owner))
  const others = database.acl.filter(item => item.grantee !== database.owner).map(item => grants(item, database.owner))
  // The owner's own rights come back in the same block: it must never be left without them.
  return [doBlock([...revoke, ...owner]), ...others.filter(statements => statements.length > 0).map(doBlock)]
}

function grants(item: AclItem, owner: string): string[] {
  const plain = item.privileges.filter(privilege => !item.grantable.includes(privilege))
  return [
    ...grant(plain, { item, owner, option: '' }),
    ...grant(item.grantable, { item, owner, option: ' WITH GRANT OPTION' }),
  ]
}

function grant(privileges: readonly string[], to: { item: AclItem; owner: string; option: string }): string[] {
  if (privileges.length === 0) return []
  const before = quoteLiteral(`GRANT ${privileges.join(', ')} ON DATABASE `)
  const grantee = to.item.grantee === null ? 'PUBLIC' : quoteIdentifier(to.item.grantee)
  if (to.item.grantee === to.owner)
    return [`  EXECUTE ${before} || ${NAME} || ' TO ' || ${OWNER} || ${quoteLiteral(to.option)};`]
  return [`  EXECUTE ${before} || ${NAME} || ${quoteLiteral(` TO ${grantee}${to.option}`)};`]
}
