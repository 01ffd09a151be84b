import { expect, test } from 'vitest'
import { DumpedJobs } from '../../../../src/sources/postgres/restore/timescale-jobs.ts'
import { DumpReader } from '../../../../src/sources/postgres/sql/dump-reader.ts'

function jobsIn(text: string, pieces = 1): DumpedJobs['jobs'] {
  const reader = new DumpReader()
  const dumped = new DumpedJobs()
  const bytes = Buffer.from(text)
  const size = Math.ceil(bytes.length / pieces)
  for (let at = 0; at < bytes.length; at += size)
    for (const item of reader.read(Buffer.from(bytes.subarray(at, at + size)))) dumped.take(item)
  return dumped.jobs
}

const ROWS = `COPY public.t (id, owner) FROM stdin;
9\tpostgres
\\.
COPY _timescaledb_config."bgw_job" (id, application_name, "owner") FROM stdin;
1000\ta\tpostgres
1001\tb\\tc\t"My ""Role"
\\.
COPY public.u (id, owner) FROM stdin;
8\tpostgres
\\.
`

test.each([1, 3, 200])('FM194 the jobs of a dump are read with their owners, in %i pieces', pieces => {
  expect(jobsIn(ROWS, pieces)).toEqual([
    { id: '1000', owner: 'postgres' },
    { id: '1001', owner: 'My "Role' },
  ])
})

test('FM194 a dump without any has none', () => {
  expect(jobsIn('COPY bgw_job (id, owner) FROM stdin;\n1\tpostgres\n\\.\nSELECT 1;\n')).toEqual([])
})
