import { describe, expect, test } from 'vitest'
import { RolesInDump } from '../../../../src/sources/postgres/sql/roles-in-dump.ts'
import { decodingsOf } from '../../../../src/sources/postgres/sql/text-encoding.ts'

function namedIn(text: string, encoding = 'UTF8'): readonly string[] {
  const dump = new RolesInDump(encoding)
  dump.write(Buffer.from(text, 'latin1'))
  return [...dump.named]
}

describe('the roles that a dump names', () => {
  test('FM145 are read in the encoding that the text says, or that of the manifest', () => {
    const grant = 'GRANT SELECT ON TABLE public.t TO "Jos\xe9";\n'

    expect(namedIn(grant, 'LATIN1')).toEqual(['José'])
    expect(namedIn(`SET client_encoding = 'WIN1252';\n${grant}`)).toEqual(['José'])
    expect(namedIn(Buffer.from('ALTER TABLE t OWNER TO "José";\n').toString('latin1'))).toEqual(['José'])
  })

  test('stand in statements, and not in rows, comments or bodies', () => {
    const text = `-- GRANT SELECT ON t TO a;
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT 'GRANT SELECT ON t TO b;'$$;
COPY public.t (a) FROM stdin;
GRANT SELECT ON t TO c;
\\.
GRANT SELECT ON TABLE public.t TO d;
`

    expect(namedIn(text)).toEqual(['d'])
  })

  test('those of statements about the server are kept apart, as no dump of pg_dump has them', () => {
    const dump = new RolesInDump('UTF8')

    const grew = dump.write(Buffer.from('CREATE ROLE a;\nGRANT b TO a;\nDO $x$BEGIN END$x$;\n'))

    expect({ grew, named: [...dump.named], ofServer: dump.ofServer.map(String) }).toEqual({
      ...{ grew: false, named: [] },
      ofServer: ['CREATE ROLE a;', 'GRANT b TO a;', 'DO $x$BEGIN END$x$;'],
    })
  })
})

test.each([
  ['\xe9', 'LATIN1', ['é']],
  ['\xe9', 'LATIN9', ['é']],
  ['\xe9', 'KOI8R', ['И']],
  ['\xe9', 'WIN866', ['щ']],
  ['\xc3\xa9', 'LATIN1', ['Ã©', 'é']],
  ['\xc3\xa9', 'UTF8', ['é']],
  ['\xc5\xb4', 'EUC_JP', ['鉄', 'Ŵ']],
  ['\xe9', 'MULE_INTERNAL', []],
  ['plain', 'MULE_INTERNAL', ['plain']],
])('FM145 %j in %s may be %j', (bytes, encoding, names) => {
  expect(decodingsOf(bytes, encoding)).toEqual(names)
})
