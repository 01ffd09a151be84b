import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeOf, databaseChanges } from '../../../../src/sources/postgres/database/database-changes.ts'
import { DATABASE_PRIVILEGES, type GivenFacts } from '../../../../src/sources/postgres/database/database-facts.ts'
import { databasePart } from '../../../../src/sources/postgres/database/database-part.ts'
import { readDatabasePart } from '../../../../src/sources/postgres/database/read-database-part.ts'
import { type SettingRules, withheldSetting } from '../../../../src/sources/postgres/database/setting-rules.ts'
import { splitStatements } from '../../../../src/sources/postgres/sql/split-statements.ts'
import { tokensOf } from '../../../../src/sources/postgres/sql/tokens.ts'

const OWNER = 'the "owner"'

function read(text: string): ReturnType<typeof readDatabasePart> {
  return readDatabasePart(splitStatements(Buffer.from(text)).statements, { owner: OWNER, encoding: 'utf8' })
}

const text = fc.string({
  unit: fc.constantFrom('a', 'B', ' ', "'", '"', '\\', '$', ';', '-', '\n', 'é', '/*', '$backup$', '%'),
})
const name = text.filter(value => value !== '')
const privileges = fc.subarray([...DATABASE_PRIVILEGES])

const facts: fc.Arbitrary<GivenFacts> = fc.record({
  owner: fc.constant(OWNER),
  settings: fc.array(fc.record({ role: fc.option(name), name: fc.constantFrom('work_mem', 'app.Note'), value: text }), {
    maxLength: 3,
  }),
  acl: fc
    .uniqueArray(fc.record({ grantee: fc.option(name), own: privileges, grantable: privileges }), {
      selector: item => item.grantee,
      maxLength: 3,
    })
    .map(items => [{ grantee: OWNER, own: ['CREATE' as const], grantable: [] }, ...items])
    .map(items =>
      items
        .map(({ grantee, own, grantable }) => ({
          grantee,
          privileges: DATABASE_PRIVILEGES.filter(one => [...own, ...grantable].includes(one)),
          grantable,
        }))
        .filter(item => item.privileges.length > 0),
    ),
  comment: fc.option(text),
  connectionLimit: fc.constantFrom(-1, 0, 7),
})

describe('reading a database part as data', () => {
  test('FM95 its blocks say what they were written from', () => {
    fc.assert(
      fc.property(facts, given => {
        const { facts: back, leftOut } = read(databasePart({ database: given }))

        expect(leftOut).toEqual([])
        expect(back).toEqual(given)
      }),
    )
  })

  test('FM95 each change for a server is one statement about its database', () => {
    fc.assert(
      fc.property(facts, name, (given, database) => {
        const statements = databaseChanges(given).flatMap(changes =>
          changes.map(change => `${changeOf(change, { database, owner: OWNER })};`),
        )

        for (const statement of statements) {
          const words = [...tokensOf(Buffer.from(statement))].filter(
            token => token.kind === 'sign' && token.text === ';',
          )
          expect(words).toHaveLength(1)
          expect(statement).toMatch(/^(?:ALTER DATABASE|ALTER ROLE|GRANT|REVOKE ALL ON DATABASE|COMMENT ON DATABASE) /)
          expect(splitStatements(Buffer.from(statement)).statements).toHaveLength(1)
        }
      }),
    )
  })

  test.each([
    `EXECUTE 'ALTER ROLE x SUPERUSER';`,
    `EXECUTE 'ALTER DATABASE postgres SET work_mem TO ''1MB''';`,
    `EXECUTE 'ALTER DATABASE ' || pg_catalog.quote_ident(pg_catalog.current_database()) || ' SET work_mem TO ''1''; DROP ROLE x';`,
    `EXECUTE 'ALTER DATABASE ' || pg_catalog.quote_ident(f()) || ' SET work_mem TO ''1''';`,
    `EXECUTE 'GRANT ALL ON DATABASE ' || pg_catalog.quote_ident(pg_catalog.current_database()) || ' TO x';`,
    `EXECUTE 'GRANT postgres, CREATE ON DATABASE ' || pg_catalog.quote_ident(pg_catalog.current_database()) || ' TO x';`,
    `PERFORM f();`,
    `COPY (SELECT 1) TO PROGRAM 'true';`,
  ])('FM93 a block that was changed is left out: %s', inner => {
    const { facts: back, leftOut } = read(
      `DO $backup$\nBEGIN\n  ${inner}\nEXCEPTION WHEN insufficient_privilege THEN\n  RAISE WARNING '%', SQLERRM;\nEND;\n$backup$;\n`,
    )

    expect({ back, left: leftOut.length }).toEqual({ back: null, left: 1 })
  })
})

describe('settings that an archive may give', () => {
  const rules: SettingRules = {
    contexts: new Map([
      ['work_mem', 'user'],
      ['timezone', 'user'],
      ['session_preload_libraries', 'superuser'],
      ['local_preload_libraries', 'user'],
      ['log_statement', 'superuser'],
      ['plpgsql.extra_errors', 'user'],
    ]),
    extensions: new Set(['plperl', 'plpgsql', 'auto_explain']),
  }

  test.each([
    ['work_mem', true],
    ['TimeZone', true],
    ['app.Note', true],
    ['plpgsql.extra_errors', true],
    ['unknown_to_this_server', true],
    ['session_preload_libraries', false],
    ['Local_Preload_Libraries', false],
    ['role', false],
    ['SESSION_AUTHORIZATION', false],
    ['log_statement', false],
    ['plperl.on_plperlu_init', false],
    ['auto_explain.log_min_duration', false],
    ['work_mem TO x; --', false],
    ['', false],
  ])('FM95 %s: %s', (setting, allowed) => {
    expect(withheldSetting(setting, rules) === null).toBe(allowed)
  })
})
