import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareLargeObjects } from '../../../../src/sources/postgres/fingerprint/compare-items.ts'
import { Fingerprinter } from '../../../../src/sources/postgres/fingerprint/fingerprint.ts'
import { DumpInventory, mergeInventories } from '../../../../src/sources/postgres/fingerprint/inventory.ts'
import { liveBytes } from '../../../support/live-bytes.ts'
import { chunkSizes, trickyDump } from '../sql/tricky-dump.ts'
import { inventoryOf } from './inventories.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const LONG_VIEW = `CREATE VIEW public.long AS\n SELECT ${Array.from({ length: 1_000 }, (_, n) => `c${n}`).join(', ')};`
const DUMP = `SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.t (a integer);
${LONG_VIEW}
SELECT pg_catalog.lo_create('7');
COPY public.t (a) FROM stdin;
1
\\.
SELECT pg_catalog.setval('public."S""q"', 12, true);
BEGIN;
SELECT pg_catalog.lo_open('7', 131072);
SELECT pg_catalog.lowrite(0, '\\x0011');
SELECT pg_catalog.lowrite(0, '\\x22');
SELECT pg_catalog.lo_close(0);
COMMIT;
REVOKE ALL ON TABLE public.t FROM x;
-- PostgreSQL database dump complete
`

describe('an inventory', () => {
  test('names every statement, sequence and large object in the order of the dump, with its digest', () => {
    const { statements, sequences, largeObjects, complete } = inventoryOf(DUMP)

    expect([...statements]).toEqual([
      { kind: 'TABLE', identity: 'public.t', sha256: sha256('CREATE TABLE public.t (a integer);') },
      { kind: 'VIEW', identity: 'public.long', sha256: sha256(LONG_VIEW) },
      { kind: 'BLOB', identity: '7', sha256: sha256("SELECT pg_catalog.lo_create('7');") },
      {
        kind: 'REVOKE',
        identity: 'ALL ON TABLE public.t FROM x',
        sha256: sha256('REVOKE ALL ON TABLE public.t FROM x;'),
      },
    ])
    expect([...sequences]).toEqual([
      {
        kind: 'SEQUENCE SET',
        identity: 'public."S"q"'.replace('S"q', 'S""q'),
        sha256: sha256(`SELECT pg_catalog.setval('public."S""q"', 12, true);`),
      },
    ])
    expect([...largeObjects]).toEqual([{ kind: 'BLOB DATA', identity: '7', sha256: sha256('7\n001122') }])
    expect(complete).toBe(true)
  })

  test('has the fingerprint that the backup takes, whatever is in the dump and however it is cut', () => {
    fc.assert(
      fc.property(trickyDump, chunkSizes, (dump, sizes) => {
        const fingerprinter = new Fingerprinter({ clientEncoding: 'UTF8' })
        fingerprinter.write(Buffer.from(dump.text))

        const { fingerprint, complete, ...lists } = inventoryOf(dump.text, sizes)

        expect({ fingerprint, complete }).toEqual(fingerprinter.end())
        expect([...lists.statements]).toEqual([...inventoryOf(dump.text).statements])
        expect(lists.statements.count).toBe(fingerprint.statements.count)
      }),
    )
  })

  test('does not depend on how the dump is cut, statements longer than an identity needs included', () => {
    const whole = inventoryOf(DUMP)

    for (const size of [1, 7, 300, 4_096, 5_000]) {
      const cut = inventoryOf(DUMP, [size])
      expect([...cut.statements]).toEqual([...whole.statements])
      expect([...cut.sequences]).toEqual([...whole.sequences])
      expect(cut.fingerprint).toEqual(whole.fingerprint)
    }
  })

  test('reads as much of a statement as its identity needs, in pieces too', () => {
    const columns = Array.from({ length: 100 }, (_, n) => `column_${n}`).join(', ')

    const { statements } = inventoryOf(`GRANT SELECT (${columns}) ON TABLE public.t TO reader;`, [300])

    expect(statements.labelAt(0).identity).toContain('column_99')
    expect(statements.labelAt(0).identity).toContain('TO reader')
  })

  test('of two halves is that of the whole', () => {
    const [schema, data] = splitByLine(DUMP)

    const merged = mergeInventories(inventoryOf(data), inventoryOf(schema))

    const whole = inventoryOf(DUMP)
    expect(merged.fingerprint).toEqual(whole.fingerprint)
    expect(merged.complete).toBe(true)
    expect([...merged.statements]).toEqual([...whole.statements])
    expect([...merged.largeObjects]).toEqual([...whole.largeObjects])
    expect(mergeInventories(inventoryOf(data), inventoryOf('CREATE')).complete).toBe(false)
  })

  test('FM114 of many large objects is small, and another one of the same things adds next to nothing', async () => {
    const objects = 20_000
    const items = 3 * objects
    const before = await liveBytes()

    const archive = new DumpInventory({ clientEncoding: 'UTF8' })
    writeLargeObjects(archive, objects)
    const { known, statements, largeObjects } = archive.end()
    const one = (await liveBytes()) - before
    const back = new DumpInventory({ clientEncoding: 'UTF8', known })
    writeLargeObjects(back, objects)
    const found = back.end()
    const both = (await liveBytes()) - before

    expect(statements.count + largeObjects.count).toBe(items)
    expect(found.statements.labelAt(items - objects - 1)).toEqual({ kind: 'OWNER', identity: 'BLOB 19999' })
    expect(compareLargeObjects(largeObjects, found.largeObjects)).toEqual([])
    expect(one / items).toBeLessThan(100)
    expect((both - one) / items).toBeLessThan(10)
  })
})

/** As `--section=pre-data --section=post-data` and `--section=data` would split it. */
function splitByLine(dump: string): [string, string] {
  const trailer = '-- PostgreSQL database dump complete\n'
  const start = dump.indexOf('COPY public.t')
  const end = dump.indexOf('REVOKE')
  return [dump.slice(0, start) + dump.slice(end), dump.slice(start, end) + trailer]
}

/** As pg_dump writes them, in pieces. */
function writeLargeObjects(inventory: DumpInventory, count: number): void {
  for (let oid = 0; oid < count; oid++)
    inventory.write(
      Buffer.from(`SELECT pg_catalog.lo_create('${oid}');\nALTER LARGE OBJECT ${oid} OWNER TO somebody;\n`),
    )
  for (let oid = 0; oid < count; oid++) inventory.write(Buffer.from(largeObject(oid)))
}

function largeObject(oid: number): string {
  return `SELECT pg_catalog.lo_open('${oid}', 131072);
SELECT pg_catalog.lowrite(0, '\\x${oid.toString(16).padStart(32, '0')}');
SELECT pg_catalog.lo_close(0);
`
}
