import { doBlock } from '../sql/do-block.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { DATABASE, type DatabaseChange, databaseChanges } from './database-changes.ts'
import type { GivenFacts, RecordedDatabase } from './database-facts.ts'

const HEAD = `--
-- What belongs to the database itself and pg_dump leaves out: settings, rights, comment and connection limit.
-- It is applied to the database that it is loaded into, whatever its name; what the loading role may not do
-- becomes a warning. The rights of the owner go to the owner of that database.
--

SET client_encoding = 'UTF8';

`

/** PL/pgSQL for the name of the database, and of its owner. */
export const NAME = 'pg_catalog.quote_ident(pg_catalog.current_database())'
export const NAME_OF_OWNER =
  '(SELECT pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(datdba)) FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())'

/**
 * The third part of an archive, for people with psql: SQL that gives the facts of one database to the one that it is loaded
 * into. This program gives them by `databaseChanges`, and never runs this text.
 */
export function databasePart(facts: { readonly database: PartFacts }): string {
  const blocks = databaseChanges(facts.database).map(changes => doBlock(changes.map(execute)))
  return `\n${HEAD}${byHand(facts.database)}${blocks.join('\n')}\n--\n-- End of the database part\n--\n`
}

type PartFacts = GivenFacts & Pick<RecordedDatabase, 'withoutPublic'>

/** As comments: the first version of this program reads statements here, and knows none of these. */
function byHand({ isTemplate, withoutPublic }: PartFacts): string {
  return [
    ...(isTemplate === true ? ['-- It is a template: ALTER DATABASE … IS_TEMPLATE true;\n\n'] : []),
    ...(withoutPublic === true ? ['-- It has no schema public: DROP SCHEMA public;\n\n'] : []),
  ].join('')
}

function execute(change: DatabaseChange): string {
  const pieces = change.map(piece =>
    typeof piece === 'string' ? quoteLiteral(piece) : piece === DATABASE ? NAME : NAME_OF_OWNER,
  )
  return `  EXECUTE ${pieces.join(' || ')};`
}
