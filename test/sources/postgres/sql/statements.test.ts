import { expect, test } from 'vitest'
import { largeObjectOid, standardStringsSetBy, statementKind } from '../../../../src/sources/postgres/sql/statements.ts'

test.each([
  ["SET client_encoding = 'UTF8';", 'set'],
  ["SELECT pg_catalog.set_config('search_path', '', false);", 'set_config'],
  ["SELECT pg_catalog.setval('public.s', 12, true);", 'setval'],
  ['BEGIN;', 'transaction'],
  ['COMMIT;', 'transaction'],
  ["SELECT pg_catalog.lo_open('16401', 131072);", 'lo_open'],
  ["SELECT pg_catalog.lowrite(0, '\\x00');", 'lowrite'],
  ['SELECT pg_catalog.lo_close(0);', 'lo_close'],
  ["SELECT pg_catalog.lo_create('16401');", 'other'],
  ['CREATE TABLE public.setval (a int);', 'other'],
  ['SETTLE;', 'other'],
  ['ALTER SEQUENCE public.s OWNED BY public.t.a;', 'other'],
] as const)('%s is of the kind %s', (statement, kind) => {
  expect(statementKind(Buffer.from(statement))).toBe(kind)
})

test('the OID of a large object is read from its lo_open', () => {
  expect(largeObjectOid(Buffer.from("SELECT pg_catalog.lo_open('4294967295', 131072);"))).toBe('4294967295')
  expect(largeObjectOid(Buffer.from('SELECT pg_catalog.lo_open(16401, 131072);'))).toBe('16401')
  expect(largeObjectOid(Buffer.from("SELECT pg_catalog.lo_open(lo_create('1'), 131072);"))).toBeNull()
})

test.each([
  ['SET standard_conforming_strings = on;', true],
  ["set session standard_conforming_strings to 'off';", false],
  ['SET standard_conforming_strings=off ;', false],
  ['SET row_security = off;', null],
])('%s sets standard_conforming_strings to %s', (statement, value) => {
  expect(standardStringsSetBy(Buffer.from(statement))).toBe(value)
})
