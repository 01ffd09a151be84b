import { describe, expect, test } from 'vitest'
import {
  holdsExpressions,
  isLanguageByName,
  isUnconditionalPublication,
} from '../../../../src/sources/postgres/sql/admin-grammar.ts'

describe('a publication that an admin may make', () => {
  test.each([
    'CREATE PUBLICATION p FOR ALL TABLES;',
    "CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert');",
    'ALTER PUBLICATION p ADD TABLES IN SCHEMA "where";',
    'ALTER PUBLICATION p ADD TABLE ONLY public.t (a, b);',
  ])('%s', text => {
    expect(isUnconditionalPublication(Buffer.from(text))).toBe(true)
  })

  test.each([
    'ALTER PUBLICATION p ADD TABLE ONLY public.t WHERE (a = 1);',
    'CREATE PUBLICATION p FOR TABLE public.t/**/where(a = 1);',
    String.raw`ALTER PUBLICATION p SET (publish = '\' '), ADD TABLE t WHERE (b = '{x}') --';`,
    'CREATE SUBSCRIPTION p;',
  ])('is not %s', text => {
    expect(isUnconditionalPublication(Buffer.from(text))).toBe(false)
  })
})

describe('what is read without running anything', () => {
  test.each([
    ["CREATE FOREIGN TABLE public.f (a integer) SERVER s OPTIONS (filename '/check');", false],
    ["CREATE FOREIGN TABLE public.f (a public.d[] DEFAULT '{x}') SERVER s;", true],
    ['CREATE AGGREGATE public.a("any") (SFUNC = f, STYPE = internal);', false],
    [`CREATE AGGREGATE public.a("any") (SFUNC = f, STYPE = internal, "minitcond" = '{x}');`, true],
    ['CREATE FOREIGN TABLE public.f (a integer) INHERITS (public.t) SERVER s;', true],
    [String.raw`CREATE FOREIGN TABLE public.f (a text) SERVER s OPTIONS (a '\', b ' CHECK (x)');`, true],
  ])('%s holds more: %s', (text, expected) => {
    expect(holdsExpressions(Buffer.from(text))).toBe(expected)
  })
})

describe('a language by its name alone', () => {
  test.each([
    ['CREATE OR REPLACE PROCEDURAL LANGUAGE plpgsql;', true],
    ['CREATE TRUSTED LANGUAGE plperl;', true],
    ['CREATE LANGUAGE x HANDLER public.h;', false],
    ['CREATE LANGUAGE x; SELECT 1;', false],
  ])('%s: %s', (text, expected) => {
    expect(isLanguageByName(Buffer.from(text))).toBe(expected)
  })
})
