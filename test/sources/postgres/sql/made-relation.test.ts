import { describe, expect, test } from 'vitest'
import { madeRelation, schemaOfMade } from '../../../../src/sources/postgres/sql/made-relation.ts'
import { madeTrigger } from '../../../../src/sources/postgres/sql/made-trigger.ts'

describe('what a statement makes in which schema', () => {
  test.each([
    ['CREATE TABLE a.b (\n    n integer\n)\nINHERITS (c.d, e."F.g");', 'TABLE', 'a', ['c.d', 'e."F.g"']],
    ['CREATE UNLOGGED TABLE "A.b"."c"(n integer);', 'TABLE', 'A.b', []],
    ['CREATE SEQUENCE Queue.s\n    START WITH 1;', 'SEQUENCE', 'queue', []],
    ['CREATE MATERIALIZED VIEW a.m AS SELECT 1;', 'MATERIALIZED VIEW', 'a', []],
    ['CREATE VIEW a.v AS SELECT 1;', 'VIEW', 'a', []],
  ])('FM190 %s', (text, kind, schema, parents) => {
    expect(madeRelation(Buffer.from(text))).toMatchObject({ kind, schema, parents })
    expect(schemaOfMade(Buffer.from(text))).toBe(schema)
  })

  test.each([
    ['CREATE FUNCTION a.f(b.t) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;', 'a'],
    ['CREATE OR REPLACE FUNCTION "A".f() RETURNS integer LANGUAGE sql;', 'A'],
    ['CREATE TYPE a.t AS ENUM (\n);', 'a'],
    ['CREATE OPERATOR a.+ (\n    FUNCTION = a.f\n);', 'a'],
    ['CREATE OPERATOR + (\n    FUNCTION = a.f\n);', null],
    ['CREATE TABLE t (n integer);', null],
    ['CREATE TABLE d.a.t (n integer);', null],
    ['CREATE INDEX i ON a.t USING btree (n);', null],
    ['ALTER TABLE a.t ADD n integer;', null],
  ])('FM190 no relation: %s', (text, schema) => {
    expect(madeRelation(Buffer.from(text))).toBeNull()
    expect(schemaOfMade(Buffer.from(text))).toBe(schema)
  })
})

test.each([
  ["CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION q.f('x', 'y');", 'q.f', false],
  [
    'CREATE CONSTRAINT TRIGGER a AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE PROCEDURE f();',
    'f',
    false,
  ],
  [
    'CREATE TRIGGER a AFTER UPDATE ON t FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION q.f();',
    'q.f',
    true,
  ],
])('FM192 what a trigger calls: %s', (text, calls, hasCondition) => {
  expect(madeTrigger(Buffer.from(text))).toEqual({ calls, hasCondition })
})

test.each([
  'CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION q.f(); SELECT 1;',
  "CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION q.f('\\');",
  'CREATE RULE a AS ON INSERT TO t DO INSTEAD NOTHING;',
])('FM192 no trigger that we know: %s', text => {
  expect(madeTrigger(Buffer.from(text))).toBeNull()
})
