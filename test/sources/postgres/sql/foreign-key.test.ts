import { expect, test } from 'vitest'
import { referencedTable } from '../../../../src/sources/postgres/sql/foreign-key.ts'

const HEAD = 'ALTER TABLE ONLY public.t ADD CONSTRAINT k FOREIGN KEY (n) REFERENCES public.srs'

test.each([
  `${HEAD}(srid);`,
  `${HEAD};`,
  `${HEAD}(srid, "b c") MATCH FULL ON UPDATE SET NULL ON DELETE SET DEFAULT (n) DEFERRABLE INITIALLY DEFERRED;`,
  `${HEAD}(srid) ON DELETE NO ACTION NOT DEFERRABLE INITIALLY IMMEDIATE;`,
])('FM179 a key is one, with what belongs to it: %s', text => {
  expect(referencedTable(Buffer.from(text))).toEqual({
    table: 'public.srs',
    validates: true,
    notValid: Buffer.from(`${text.slice(0, -1)} NOT VALID;`),
  })
})

test('FM179 a key that is not to be looked at stays as it is', () => {
  const text = Buffer.from(`${HEAD}(srid) NOT VALID;`)

  expect(referencedTable(text)).toEqual({ table: 'public.srs', validates: false, notValid: text })
})

test.each([
  `${HEAD}(srid), ADD CONSTRAINT c CHECK (true) NOT VALID;`,
  `${HEAD}(srid), ALTER COLUMN n TYPE public.poisoned;`,
  `${HEAD}(srid) NOT VALID, VALIDATE CONSTRAINT k;`,
  `${HEAD}(srid) CHECK (public.attack(n));`,
  `${HEAD}(srid) ON DELETE;`,
  `${HEAD}(srid); SELECT 1;`,
  `${HEAD}(srid)`,
  `${HEAD}(srid) -- NOT VALID;`,
])('FM179 attack: nothing else is made with the right that is lent for it: %s', text => {
  expect(referencedTable(Buffer.from(text))).toBeNull()
})
