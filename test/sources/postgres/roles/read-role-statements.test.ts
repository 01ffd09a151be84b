import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readRoleStatements } from '../../../../src/sources/postgres/roles/read-role-statements.ts'
import { readRolesPart } from '../../../../src/sources/postgres/roles/read-roles-part.ts'
import {
  plainRole,
  type RecordedRole,
  type RecordedRoles,
} from '../../../../src/sources/postgres/roles/recorded-roles.ts'
import { rolesPart } from '../../../../src/sources/postgres/roles/role-statements.ts'
import {
  creation,
  following,
  memberships,
  type RoleDecision,
  roleRights,
} from '../../../../src/sources/postgres/roles/role-steps.ts'
import { splitStatements } from '../../../../src/sources/postgres/sql/split-statements.ts'
import { tokensOf } from '../../../../src/sources/postgres/sql/tokens.ts'

const RULES = { contexts: new Map<string, string>(), extensions: new Set<string>() }

function read(text: string): ReturnType<typeof readRoleStatements> {
  return readRoleStatements(splitStatements(Buffer.from(text)).statements, 'utf8')
}

/** All that a restore would run for these roles on a server that has none of them, and knows every parameter. */
function rendered(roles: RecordedRoles, serverMajor = 18): readonly string[] {
  const made = new Set(roles.roles.map(role => role.name))
  const decisions: readonly RoleDecision[] = [
    ...roles.roles.map(creation),
    ...roles.roles.flatMap(role => [...roleRights(role, { withRights: false }), ...following(role, RULES)]),
    ...memberships(roles, { made, existing: new Map(), serverMajor, withRights: false }),
  ]
  return decisions.flatMap(decision => ('step' in decision ? [`${decision.step.sql};`] : []))
}

const DUMPALL = `SET default_transaction_read_only = off;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5 PASSWORD 'SCRAM-SHA-256$4096:x' VALID UNTIL '2027-01-01 00:00:00+00';
COMMENT ON ROLE app IS E'back\\\\slash; it''s';
CREATE ROLE "größe ""x""; --";
ALTER ROLE "größe ""x""; --" WITH SUPERUSER NOINHERIT CREATEROLE NOCREATEDB NOLOGIN REPLICATION BYPASSRLS;
ALTER ROLE app SET search_path TO '$user', 'a b', 'public';
ALTER ROLE app SET "app.Note" TO 'x, y';
SECURITY LABEL FOR anon ON ROLE app IS 'MASKED';
GRANT "größe ""x""; --" TO app WITH ADMIN OPTION, INHERIT FALSE, SET FALSE GRANTED BY postgres;
GRANT app TO "größe ""x""; --" WITH INHERIT TRUE GRANTED BY postgres;
GRANT app TO other WITH ADMIN OPTION GRANTED BY postgres;
GRANT SET ON PARAMETER log_statement TO app;
SET SESSION AUTHORIZATION app;
GRANT ALL ON PARAMETER "app.x" TO PUBLIC WITH GRANT OPTION;
RESET SESSION AUTHORIZATION;
`

const DATA: RecordedRoles = {
  roles: [
    {
      ...plainRole('app'),
      ...{ createDb: true, login: true, connectionLimit: 5, validUntil: '2027-01-01 00:00:00+00' },
      comment: `back\\slash; it's`,
      settings: [
        { name: 'search_path', value: '"$user", "a b", public' },
        { name: 'app.Note', value: 'x, y' },
      ],
      labels: [{ provider: 'anon', label: 'MASKED' }],
    },
    {
      ...plainRole('größe "x"; --'),
      ...{ superuser: true, inherit: false, createRole: true, replication: true, bypassRls: true },
    },
  ],
  memberships: [
    { role: 'größe "x"; --', member: 'app', admin: true, inherit: false, set: false, grantor: 'postgres' },
    { role: 'app', member: 'größe "x"; --', admin: false, inherit: true, set: true, grantor: 'postgres' },
    { role: 'app', member: 'other', admin: true, inherit: null, set: true, grantor: 'postgres' },
  ],
  parameterRights: [
    { parameter: 'log_statement', grantee: 'app', privileges: ['SET'], grantable: false },
    { parameter: 'app.x', grantee: null, privileges: ['SET', 'ALTER SYSTEM'], grantable: true },
  ],
}

describe('reading roles as data', () => {
  test('FM94 the text of pg_dumpall says the same as data, without passwords', () => {
    const { roles, leftOut } = read(DUMPALL)

    expect(leftOut).toEqual([])
    expect(roles).toEqual(DATA)
    expect(JSON.stringify(roles)).not.toContain('SCRAM')
  })

  test('the roles part that this program and its first version write says the same', () => {
    const { roles, leftOut, others } = readRolesPart(Buffer.from(rolesPart(DUMPALL).text))

    expect({ leftOut, others }).toEqual({ leftOut: [], others: 0 })
    // Its blocks do not say who granted what.
    expect(roles).toEqual({ ...DATA, memberships: DATA.memberships.map(one => ({ ...one, grantor: null })) })
  })

  test.each([
    ['a password in escapes', `CREATE ROLE a;ALTER ROLE a WITH LOGIN PASSWORD E'S\\\\CRAM';`],
    ['in lower case', `CREATE ROLE a;alter role a with login password 'S';`],
    ['on a line of its own', `CREATE ROLE a;ALTER ROLE a WITH LOGIN PASSWORD\n'S';`],
    ['in dollar quotes', `CREATE ROLE a;ALTER ROLE a WITH LOGIN PASSWORD $x$S$x$;`],
    ['behind a word of old versions', `CREATE ROLE a;ALTER ROLE a WITH LOGIN ENCRYPTED PASSWORD 'S';`],
    ['behind a comment', `CREATE ROLE a;ALTER ROLE a WITH LOGIN PASSWORD /* ' */ 'S';`],
  ])('FM94 %s is read past', (_, text) => {
    const { roles, leftOut } = read(text)

    expect(leftOut).toEqual([])
    expect(roles.roles).toEqual([{ ...plainRole('a'), login: true }])
  })

  test.each([
    ['CREATE ROLE a WITH LOGIN IN ROLE postgres;'],
    ['CREATE USER a;'],
    ['CREATE ROLE a, b;'],
    ['CREATE ROLE current_user;'],
    [`CREATE ROLE a PASSWORD 'x';`],
    [`CREATE ROLE U&"\\0061";`],
    [`CREATE ROLE known;ALTER ROLE known WITH PASSWORD 'a'\n'b';`],
    [`CREATE ROLE known;ALTER ROLE known WITH PASSWORD U&'x';`],
    [`CREATE ROLE known;ALTER ROLE known SUPERUSER;`],
    [`CREATE ROLE known;ALTER ROLE known SET work_mem TO E'\\x41';`],
    [`CREATE ROLE known;ALTER ROLE known SET work_mem TO $$x$$;`],
    [`CREATE ROLE known;ALTER ROLE known SET work_mem TO 'a', 'b';`],
    [`CREATE ROLE known;ALTER ROLE known SET work_mem FROM CURRENT;`],
    [`CREATE ROLE known;ALTER ROLE known IN DATABASE x SET work_mem TO 'a';`],
    [`ALTER ROLE postgres WITH SUPERUSER;`],
    [`ALTER ROLE ALL SET session_preload_libraries TO 'x';`],
    [`GRANT SET ON PARAMETER a b TO c;`],
    [`GRANT a, b TO c;`],
    [`GRANT a TO c WITH ADMIN FALSE;`],
    [`SET session_preload_libraries = 'x';`],
    [`SET ROLE a;`],
    ['DROP ROLE a;'],
    [`COPY (SELECT 1) TO PROGRAM 'true';`],
    ['SELECT pg_catalog.pg_reload_conf();'],
    ['DO $x$\nBEGIN\nEND;\n$x$;'],
    ['DO $backup$\nBEGIN\n  ALTER ROLE x SUPERUSER;\nEND;\n$backup$;'],
    [
      `DO $backup$\nBEGIN\n  GRANT a TO b;\n  PERFORM f();\nEXCEPTION WHEN x THEN\n  RAISE WARNING '%', SQLERRM;\nEND;\n$backup$;`,
    ],
    [
      `DO $backup$\nDECLARE x int := f();\nBEGIN\n  GRANT a TO b;\nEXCEPTION WHEN x THEN\n  RAISE WARNING '%', SQLERRM;\nEND;\n$backup$;`,
    ],
    [`DO $backup$\nBEGIN\n  GRANT a TO b;\nEXCEPTION WHEN x THEN\n  RAISE WARNING '%', f();\nEND;\n$backup$;`],
    [
      `DO $backup$\nBEGIN\n  GRANT a TO b;\nEXCEPTION WHEN x THEN\n  RAISE WARNING '%', SQLERRM;\nEND;\nDROP ROLE a;\n$backup$;`,
    ],
    [
      `DO $backup$\nBEGIN\n  GRANT a TO b;\nEXCEPTION WHEN x THEN\n  RAISE WARNING '%', SQLERRM;\nEND;\n$backup$ LANGUAGE plperlu;`,
    ],
  ])('FM93 %s is left out', text => {
    const { leftOut } = read(text)

    expect(leftOut).toHaveLength(1)
  })

  test('FM93 a role block that was changed is left out as a whole', () => {
    const block = rolesPart("CREATE ROLE a;\nALTER ROLE a WITH LOGIN;\nALTER ROLE a SET work_mem TO '7MB';\n").text
    const changes: readonly (readonly [string, string])[] = [
      ["SET work_mem TO '7MB';", "SET work_mem TO '7MB'; ALTER ROLE postgres NOLOGIN;"],
      ['ALTER ROLE a SET', 'ALTER ROLE b SET'],
      ["ALTER ROLE a SET work_mem TO '7MB'", 'ALTER ROLE a WITH SUPERUSER'],
      ['SELECT FROM pg_catalog.pg_roles', 'SELECT f() FROM pg_catalog.pg_roles'],
      ["rolname = 'a'", "rolname = 'b'"],
      ['IF EXISTS', 'IF NOT EXISTS'],
    ]
    for (const [from, to] of changes) {
      expect(block).toContain(from)

      const { roles, leftOut } = readRolesPart(Buffer.from(block.replace(from, () => to)))

      expect({ to, roles: roles.roles, left: leftOut.length }).toEqual({ to, roles: [], left: 1 })
    }
  })

  test('FM93 backslash commands, COPY and a cut end are counted', () => {
    expect(readRolesPart(Buffer.from('\\! true\nCREATE ROLE a;\nCOPY a FROM stdin;\n\\.\nCREATE ROLE b')).others).toBe(
      3,
    )
  })
})

const text = fc.string({
  unit: fc.constantFrom('a', 'B', ' ', "'", '"', '\\', '$', ';', '-', '\n', 'é', '/*', '$backup$', ','),
})
const name = text.filter(value => value !== '')
const parameter = fc.constantFrom('work_mem', 'TimeZone', 'app.Note')
const list = fc.array(name, { minLength: 1, maxLength: 3 })

const role: fc.Arbitrary<RecordedRole> = fc.record({
  name,
  superuser: fc.constant(false),
  inherit: fc.boolean(),
  createRole: fc.constant(false),
  createDb: fc.constant(false),
  login: fc.constant(false),
  replication: fc.constant(false),
  bypassRls: fc.constant(false),
  connectionLimit: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  validUntil: fc.option(text),
  comment: fc.option(text),
  settings: fc.array(
    fc.oneof(
      fc.record({ name: parameter, value: text }),
      list.map(members => ({
        name: 'search_path',
        value: members.map(one => `"${one.replaceAll('"', '""')}"`).join(', '),
      })),
    ),
    { maxLength: 3 },
  ),
  labels: fc.array(fc.record({ provider: name, label: text }), { maxLength: 2 }),
})

const recorded: fc.Arbitrary<RecordedRoles> = fc
  .uniqueArray(role, { selector: one => one.name, minLength: 1, maxLength: 4 })
  .chain(roles => {
    const known = fc.constantFrom(...roles.map(one => one.name))
    const membership = fc.record({
      role: known,
      member: known,
      admin: fc.boolean(),
      inherit: fc.option(fc.boolean()),
      set: fc.boolean(),
      grantor: fc.constant(null),
    })
    return fc.record({
      roles: fc.constant(roles),
      memberships: fc.uniqueArray(membership, { selector: one => JSON.stringify([one.role, one.member, one.admin]) }),
      parameterRights: fc.constant([]),
    })
  })

/** The names of a list are quoted only where they must be. */
function comparable(roles: RecordedRoles): unknown {
  return JSON.parse(JSON.stringify(roles).replaceAll(/\\"([a-z_][a-z0-9_$]*)\\"/g, '$1'))
}

/** Words that would give what no restore gives, or let a statement do more than one thing. */
const FORBIDDEN = /^(?:superuser|createrole|createdb|login|replication|bypassrls|password|in|all|;)$/i
const ALLOWED =
  /^(?:CREATE ROLE ".*"(?: WITH .*)?|ALTER ROLE ".*" SET ".*" TO .*|COMMENT ON ROLE ".*" IS .*|SECURITY LABEL FOR ".*" ON ROLE ".*" IS .*|GRANT ".*" TO ".*"(?: WITH .*)?);$/s

function expectHarmless(statements: readonly string[]): void {
  for (const statement of statements) {
    const tokens = [...tokensOf(Buffer.from(statement.slice(0, -1)))]
    const words = tokens.filter(token => token.kind === 'word' || token.kind === 'sign').map(token => token.text)
    expect(statement).toMatch(ALLOWED)
    expect(words.filter(word => FORBIDDEN.test(word))).toEqual([])
    expect(splitStatements(Buffer.from(statement))).toMatchObject({ statements: [Buffer.from(statement)], others: 0 })
  }
}

describe('roles as data', () => {
  test('FM94 what a restore runs, read back, is what it was rendered from', () => {
    fc.assert(
      fc.property(recorded, roles => {
        const statements = rendered(roles)

        const { roles: back, leftOut } = read(statements.join('\n'))

        expect(leftOut).toEqual([])
        expect(comparable(back)).toEqual(comparable(roles))
        expectHarmless(statements)
      }),
    )
  })

  test('FM93 whatever stands in a script, only statements of the allowed kinds are run', () => {
    const pieces = [
      ...DUMPALL.split(/(?<=[ ;\n])/),
      ...rolesPart(DUMPALL).text.split(/(?<=[ ;\n])/),
      ...[
        "'",
        '"',
        '\\',
        '$backup$',
        ';',
        "E'",
        '--',
        '/*',
        '*/',
        'SUPERUSER ',
        'PASSWORD ',
        'ALTER ROLE postgres ',
        'x',
      ],
    ]
    const statement = fc.constantFrom(
      ...DUMPALL.split(/(?<=;\n)/),
      ...rolesPart(DUMPALL).text.split(/(?<=\n\n|;\n(?=DO))/),
    )
    const script = fc
      .array(fc.oneof(fc.constantFrom(...pieces), statement), { maxLength: 40 })
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(script, source => {
        const { roles } = readRolesPart(Buffer.from(source))

        expectHarmless(rendered(roles))
      }),
      { numRuns: 500 },
    )
  })
})
