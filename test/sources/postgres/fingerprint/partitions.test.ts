import { expect, test } from 'vitest'
import { Partitions } from '../../../../src/sources/postgres/fingerprint/partitions.ts'

/** Statements, each in pieces of so many bytes. */
function read(statements: readonly string[], size: number): Partitions {
  const partitions = new Partitions()
  for (const text of statements) {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; at += size)
      partitions.statement(Buffer.from(bytes.subarray(at, at + size)), { last: at + size >= bytes.length })
  }
  return partitions
}

test.each([1, 7, 17, 1000])('FM213 which tables are partitions of which is read from pieces of %d bytes', size => {
  const partitions = read(
    [
      'CREATE TABLE public.log (n integer) PARTITION BY RANGE (n);',
      'ALTER TABLE ONLY public.log ATTACH PARTITION public.log_1 FOR VALUES FROM (1) TO (2);',
      'ALTER TABLE ONLY public.log_1 ATTACH PARTITION "odd ""name"".".log_1_1 DEFAULT;',
      'ALTER TABLE ONLY public.other ADD CONSTRAINT k PRIMARY KEY (n);',
      `ALTER TABLE ONLY public.log ADD CONSTRAINT c CHECK ((n <> '${'ATTACH PARTITION public.no FOR VALUES'.repeat(50)}'));`,
      'ALTER TABLE ONLY public.log ATTACH PARTITION public."größe" FOR VALUES IN (1);',
    ],
    size,
  )

  expect(partitions.rootOf('public.log_1')).toBe('public.log')
  expect(partitions.rootOf('"odd ""name"".".log_1_1')).toBe('public.log')
  expect(partitions.rootOf('public."größe"')).toBe('public.log')
  for (const none of ['public.log', 'public.other', 'public.no']) expect(partitions.rootOf(none)).toBeUndefined()
})
