import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { settingLiteral, splitNames } from '../../../../src/sources/postgres/database/setting-value.ts'
import { rolesPart } from '../../../../src/sources/postgres/roles/role-statements.ts'
import { dollarQuote, quoteIdentifier, quoteLiteral } from '../../../../src/sources/postgres/sql/quote.ts'

describe('the roles part', () => {
  test('FM17 creates a role with everything it has, only where it is missing', () => {
    const part = rolesPart(`
CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5 VALID UNTIL '2027-01-01';
COMMENT ON ROLE app IS 'x; y';
ALTER ROLE app SET work_mem TO '7MB';
`)

    expect(part.text).toContain(`DO $backup$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'app') THEN RETURN; END IF;
  CREATE ROLE app WITH INHERIT CREATEDB LOGIN CONNECTION LIMIT 5 VALID UNTIL '2027-01-01';
BEGIN
  COMMENT ON ROLE app IS 'x; y';
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value OR syntax_error THEN
  RAISE WARNING '%', SQLERRM;
END;
BEGIN
  ALTER ROLE app SET work_mem TO '7MB';
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value OR syntax_error THEN
  RAISE WARNING '%', SQLERRM;
END;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR undefined_object OR invalid_parameter_value OR syntax_error THEN
  RAISE WARNING '%', SQLERRM;
END;
$backup$;`)
    expect(part).toMatchObject({ roles: 1, unknown: 0 })
  })

  test('drops who granted a membership', () => {
    const part = rolesPart(
      'CREATE ROLE a;\nGRANT a TO b WITH ADMIN OPTION GRANTED BY "post gres";\nGRANT a TO c GRANTED BY d;\n',
    )

    expect(part.text).toContain('  GRANT a TO b WITH ADMIN OPTION;\n')
    expect(part.text).toContain('  GRANT a TO c;\n')
    expect(part.text).not.toContain('GRANTED BY')
  })

  test('counts what it does not know', () => {
    const part = rolesPart('CREATE ROLE a;\nALTER ROLE unknown WITH LOGIN;\nFROB ROLE a;\nSET x = 1;\n')

    expect(part.unknown).toBe(2)
  })
})

describe('quoting', () => {
  test('a list of names comes apart as PostgreSQL put it together', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), names => {
        const stored = names.map(quoteIdentifier).join(', ')

        expect(splitNames(stored)).toEqual(names)
      }),
    )
  })

  test.each([
    ['search_path', '"$user", public', `'$user', 'public'`],
    ['search_path', '""', `''`],
    ['search_path', '', `''`],
    ['temp_tablespaces', 'a,"b,c" , d', `'a', 'b,c', 'd'`],
    ['work_mem', '7MB', `'7MB'`],
    ['my.path', 'a, b', `'a, b'`],
    ['application_name', `it's \\ "x"`, `E'it''s \\\\ "x"'`],
  ])('the value of %s, %s, is written %s', (name, value, written) => {
    expect(settingLiteral(name, value)).toBe(written)
  })

  test('a tag never stands in what it encloses', () => {
    const text = fc
      .array(fc.constantFrom('$backup', '$backup$', '$backup1$', '$', 'x', quoteLiteral("'")))
      .map(words => words.join(''))
    fc.assert(
      fc.property(text, body => {
        const quoted = dollarQuote(body)

        const tag = /^\$\w+\$/.exec(quoted)?.[0] ?? ''
        expect(quoted.indexOf(tag, tag.length)).toBe(quoted.length - tag.length)
      }),
    )
  })
})
