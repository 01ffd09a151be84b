import { describe, expect, test } from 'vitest'
import { readRoutine } from '../../../../src/sources/postgres/sql/routine-text.ts'

const read = (text: string) => {
  const found = readRoutine(Buffer.from(text, 'latin1'))
  if (found === null) return null
  const { signature, language, hasPlainDefaults, lesser, completions, standIn, replacement } = found
  const texts = { lesser: lesser?.toString('latin1') ?? null, completions: completions.map(String) }
  return { signature, language, hasPlainDefaults, ...texts, standIn: String(standIn), replacement: String(replacement) }
}

describe('a routine as pg_dump writes it', () => {
  test('has a lesser form without what only superusers give, and what completes it', () => {
    const routine =
      read(`CREATE FUNCTION shop.f(a integer DEFAULT 1, VARIADIC b text[] DEFAULT '{}'::text[], OUT c shop."x y") RETURNS shop."x y"
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER LEAKPROOF COST 10 SUPPORT shop.g PARALLEL SAFE
    SET log_statement TO 'none'
    SET search_path TO 'shop', 'pg_temp'
    SET work_mem TO '-1'
    AS $_$ BEGIN LEAKPROOF; END $_$;`)

    expect(routine).toMatchObject({
      signature: 'FUNCTION shop.f(a integer , VARIADIC b text[] , OUT c shop."x y")',
      language: 'plpgsql',
      hasPlainDefaults: false,
      completions: [
        'ALTER FUNCTION shop.f(a integer , VARIADIC b text[] , OUT c shop."x y") LEAKPROOF',
        'ALTER FUNCTION shop.f(a integer , VARIADIC b text[] , OUT c shop."x y") SUPPORT shop.g',
        `ALTER FUNCTION shop.f(a integer , VARIADIC b text[] , OUT c shop."x y") RESET ALL SET log_statement TO 'none' SET search_path TO 'shop', 'pg_temp' SET work_mem TO '-1'`,
      ],
    })
    expect(routine?.lesser?.replaceAll(/\s+/g, ' ')).toBe(
      `CREATE FUNCTION shop.f(a integer DEFAULT 1, VARIADIC b text[] DEFAULT '{}'::text[], OUT c shop."x y") RETURNS shop."x y" LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER COST 10 PARALLEL SAFE SET search_path TO 'shop', 'pg_temp' AS $_$ BEGIN LEAKPROOF; END $_$;`,
    )
  })

  test('has a stand-in that can only fail, and replaces it', () => {
    const routine = read(
      'CREATE FUNCTION public.f(a text) RETURNS text\n    LANGUAGE plpython3u TRANSFORM FOR TYPE jsonb, FOR TYPE text IMMUTABLE\n    AS $$return a$$;',
    )

    expect(routine?.standIn).toBe(
      `CREATE FUNCTION public.f(a text) RETURNS text\n    LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''42501'', MESSAGE = ''a function in a language that is not trusted''; END';`,
    )
    expect(routine?.replacement).toMatch(
      /^CREATE OR REPLACE FUNCTION public\.f\(a text\) RETURNS text\n {4}LANGUAGE plpython3u/,
    )
  })

  test.each([
    ["CREATE FUNCTION public.f(a integer DEFAULT 1) RETURNS int LANGUAGE c AS 'x';", true],
    ["CREATE FUNCTION public.f(a public.t) RETURNS int LANGUAGE c AS 'x';", true],
    ["CREATE FUNCTION public.f(a public.d[] DEFAULT '{x}') RETURNS int LANGUAGE c AS 'x';", false],
    ["CREATE FUNCTION public.f(a integer = public.f('{x}')) RETURNS int LANGUAGE c AS 'x';", false],
  ])('%s: its defaults are plain: %s', (text, expected) => {
    expect(read(text)?.hasPlainDefaults).toBe(expected)
  })

  test.each([
    'CREATE TABLE public.t (a integer);',
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'x'; SELECT 1;",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql UNKNOWN AS 'x';",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE 'c' AS 'x';",
    String.raw`CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SET a TO '\' AS 'x', b TO ' AS 'y';`,
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql SET a TO (SELECT 1) AS 'x';",
    'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql;',
  ])('is not %s', text => {
    expect(read(text)).toBeNull()
  })

  test('with a body of SQL has it whole', () => {
    const routine = read(
      'CREATE FUNCTION public.f(a integer) RETURNS integer\n    LANGUAGE sql LEAKPROOF\n    BEGIN ATOMIC\n SELECT 1;\n SELECT a;\nEND;',
    )

    expect(routine?.lesser).toBe(
      'CREATE FUNCTION public.f(a integer) RETURNS integer\n    LANGUAGE sql BEGIN ATOMIC\n SELECT 1;\n SELECT a;\nEND;',
    )
  })
})
