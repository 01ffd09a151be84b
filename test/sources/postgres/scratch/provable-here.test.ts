import { expect, onTestFinished, test } from 'vitest'
import { obstaclesHere } from '../../../../src/sources/postgres/scratch/provable-here.ts'
import { binariesWith } from '../../../support/own-extensions.ts'

type Source = Parameters<typeof obstaclesHere>[0]

const patience = (): AbortSignal => AbortSignal.timeout(60_000)

function sourceOf(major: number, ...names: readonly string[]): Source {
  const extensions = names.map(name => ({ name, version: '1' }))
  return { server: { major }, database: { extensions } } as unknown as Source
}

test('FM178 what a proof of a source needs and this machine lacks is said before a night has gone by', async () => {
  const binaries = binariesWith(18, [
    { name: 'offered', script: '' },
    { name: 'pg_cron', script: '' },
  ])
  onTestFinished(() => binaries[Symbol.dispose]())
  const env = { PATH: binaries.binFolder }

  expect(await obstaclesHere(sourceOf(18, 'plpgsql', 'hstore', 'offered'), env, patience())).toEqual([])
  expect(await obstaclesHere(sourceOf(18, 'postgis', 'pg_stat_statements', 'pg_cron'), env, patience())).toEqual([
    'the extension postgis is not installed for PostgreSQL 18: install postgresql-18-postgis-3',
    'the library pg_cron of extension pg_cron is not there: install postgresql-18-cron',
  ])
  expect(await obstaclesHere(sourceOf(99), env, patience())).toEqual([
    expect.stringMatching(/^PostgreSQL server: .* installed; expected version 99 or newer .*; install postgresql-99$/),
  ])
})
