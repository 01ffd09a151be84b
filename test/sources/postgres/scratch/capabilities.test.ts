import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../../src/sources/postgres/connection/connection.ts'
import type { DatabaseShape } from '../../../../src/sources/postgres/made/database-shape.ts'
import {
  type Capabilities,
  lackingFor,
  missingLibraries,
  readCapabilities,
  sameLocale,
} from '../../../../src/sources/postgres/scratch/capabilities.ts'
import { needOf } from '../../../../src/sources/postgres/scratch/needs.ts'
import { packageOf } from '../../../../src/sources/postgres/scratch/packages.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'

const HAS: Capabilities = {
  major: 15,
  extensions: new Set(['citext', 'plperl']),
  languages: new Set(['plpgsql', 'sql', 'c', 'internal']),
  locales: new Set(['C', 'POSIX', 'C.utf8', 'en_US.utf8']),
  hasIcu: true,
}
const SHAPE: DatabaseShape = {
  encoding: 'UTF8',
  collate: 'en_US.UTF-8',
  ctype: 'C',
  localeProvider: 'libc',
  icuLocale: null,
}

describe('what a statement of a dump needs', () => {
  test.each([
    ['CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;', { kind: 'extension', name: 'citext' }],
    ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;', { kind: 'extension', name: 'uuid-ossp' }],
    ['CREATE OR REPLACE PROCEDURAL LANGUAGE plperlu;', { kind: 'language', name: 'plperlu' }],
    ['CREATE TRUSTED PROCEDURAL LANGUAGE "o""dd" HANDLER h;', { kind: 'language', name: 'o"dd' }],
    ["SECURITY LABEL FOR anon ON COLUMN public.t.c IS 'MASKED';", { kind: 'label provider', name: 'anon' }],
    [
      "CREATE FUNCTION public.f(text) RETURNS text\n    LANGUAGE c IMMUTABLE STRICT\n    AS '$libdir/mylib', 'f';",
      { kind: 'library', name: '$libdir/mylib' },
    ],
    [
      "CREATE COLLATION public.german (provider = icu, locale = 'de-DE');",
      { kind: 'locale', name: 'de-DE', provider: 'icu' },
    ],
    [
      "CREATE COLLATION public.x (provider = libc, lc_collate = 'de_DE.utf8', lc_ctype = 'C');",
      { kind: 'locale', name: 'de_DE.utf8', provider: 'libc' },
    ],
  ])('is found in %s', (statement, need) => {
    expect(needOf(statement)).toEqual(need)
  })

  test.each([
    "COMMENT ON EXTENSION citext IS 'CREATE EXTENSION x';",
    'CREATE TABLE public.t (id int);',
    "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS 'SELECT 1';",
    'CREATE COLLATION public.copy FROM pg_catalog."C";',
  ])('is nothing for %s', statement => {
    expect(needOf(statement)).toBeNull()
  })
})

describe('FM62 what a server lacks', () => {
  test('is nothing when it has everything', () => {
    const needs = [
      { kind: 'extension', name: 'citext' },
      { kind: 'language', name: 'plperl' },
      { kind: 'locale', name: 'de', provider: 'icu' },
    ] as const

    expect(lackingFor(HAS, SHAPE, needs)).toEqual([])
  })

  test('is named once, with what to install', () => {
    const shape = {
      ...SHAPE,
      collate: 'de_DE.UTF-8',
      ctype: 'de_DE.UTF-8',
      localeProvider: 'builtin',
      icuLocale: 'C.UTF-8',
    }
    const needs = [
      { kind: 'extension', name: 'postgis' },
      { kind: 'extension', name: 'postgis' },
      { kind: 'language', name: 'plpython3u' },
      { kind: 'label provider', name: 'anon' },
    ] as const

    const remarks = lackingFor(HAS, shape, needs)

    expect(remarks.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'locale de_DE.UTF-8',
      'locale C.UTF-8',
      'extension postgis',
      'language plpython3u',
      'label provider anon',
    ])
    expect(remarks.map(({ text }) => text.split('install ')[1])).toEqual([
      'locales-all, or locales and generate it',
      'postgresql-17',
      'postgresql-15-postgis-3',
      'postgresql-plpython3-15',
      undefined,
    ])
  })

  test('FM158 is no package to install where the newer major has given it up', () => {
    const needs = [
      { kind: 'extension', name: 'adminpack' },
      { kind: 'language', name: 'plpython2u' },
    ] as const
    const textsOn = (major: number): readonly string[] =>
      lackingFor({ ...HAS, major }, null, needs).map(({ text }) => text)

    expect(textsOn(17)).toEqual([
      'PostgreSQL 16 was the last that has the extension adminpack, and this is 17: it takes a server of the major that the archive is of; or, where nothing needs it, DROP EXTENSION adminpack in the source, and back up again',
      expect.stringMatching(/^PostgreSQL 14 was the last that has the language plpython2u, and this is 17: /),
    ])
    expect(textsOn(14)).toEqual([
      expect.stringContaining('install postgresql-contrib'),
      expect.stringContaining('install postgresql-14-plpython2u'),
    ])
  })

  test.each([
    ['hstore', 'postgresql-contrib (on Debian a part of postgresql-16)'],
    ['vector', 'postgresql-16-pgvector'],
    ['hstore_plperlu', 'postgresql-plperl-16'],
    ['pg_uuidv7', 'postgresql-16-pg-uuidv7'],
  ])('%s comes with %s', (extension, expected) => {
    expect(packageOf(extension, 16)).toBe(expected)
  })

  test.each([
    ['en_US.UTF-8', 'en_US.utf8'],
    ['C.UTF-8', 'C.utf8'],
    ['POSIX', 'POSIX'],
  ])('%s is %s', (one, other) => {
    expect(sameLocale(one)).toBe(sameLocale(other))
  })
})

describe('a real server', () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
  })

  afterAll(() => server?.stop())

  test('FM62 says what it has, and which libraries are there', async () => {
    await using session = await connect(
      server.target('postgres'),
      { env: {}, applicationName: 'capabilities test' },
      AbortSignal.timeout(60_000),
    )

    const has = await readCapabilities(session)
    const libraries = await missingLibraries(session, [
      { kind: 'library', name: '$libdir/plpgsql' },
      { kind: 'library', name: "$libdir/no'such" },
      { kind: 'library', name: 'plpgsql' },
      { kind: 'library', name: '/no/such.so' },
    ])

    expect(has.major).toBe(server.majorVersion)
    expect(has.extensions).toContain('plpgsql')
    expect(has.languages).toContain('plpgsql')
    expect(has.locales).toContain('C.utf8')
    expect(has.locales).not.toContain('xx_YY.utf8')
    expect(libraries.map(each => each.name)).toEqual(["$libdir/no'such", '/no/such.so'])
  })
})
