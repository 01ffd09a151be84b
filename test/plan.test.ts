import { describe, expect, test } from 'vitest'
import { Secret } from '../src/config/secret.ts'
import type { Settings } from '../src/config/settings.ts'
import { databaseId } from '../src/config/source-id.ts'
import { archiveNames, type BackupJob, planBackup } from '../src/plan.ts'
import { commandContext } from './support/command-context.ts'

const { settings: rolling } = commandContext('/backups', []).context.configuration
const daily: Settings = { ...rolling, strategy: 'daily' }

describe('the plan of a run', () => {
  test('has one job for each database, in their order', () => {
    const jobs = planBackup([database('b'), database('a')], rolling, new Date('2026-11-20T09:00:00Z'))

    expect(jobs.map(job => job.id.stem)).toEqual(['db-b', 'db-a'])
  })

  test('leaves out a database that cannot be tried', () => {
    const { id } = database('b')

    const jobs = planBackup([database('a'), { id, target: null }], rolling, new Date('2026-11-20T09:00:00Z'))

    expect(jobs.map(job => job.id.name)).toEqual(['db/a'])
  })

  test.each([
    ['an ordinary day', '2026-11-20T09:00:00Z', 'daily', 'daily/2026-11-20'],
    ['a Sunday', '2026-11-22T09:00:00Z', 'weekly', 'weekly/2026-11-22'],
    ['the last day of a month', '2026-11-30T09:00:00Z', 'monthly', 'monthly/2026-11-30'],
    ['a Sunday that ends a month', '2027-01-31T09:00:00Z', 'monthly', 'monthly/2027-01-31'],
    ['Saturday evening here, Sunday in UTC', '2026-11-22T03:00:00Z', 'daily', 'daily/2026-11-21'],
  ])('%s', (_, now, tier, folder) => {
    expect(planBackup([database('a')], rolling, new Date(now))).toMatchObject([{ tier, folder }])
  })

  test('under the daily strategy there are no tiers', () => {
    const [job] = planBackup([database('a')], daily, new Date('2026-11-22T09:00:00Z'))

    expect(job).toMatchObject({ tier: null, folder: '2026-11-22' })
  })

  test('FM27 a job keeps the time, tier and folder of the start of the run, however late its turn comes', () => {
    const start = new Date('2026-11-21T06:59:59Z')

    const jobs = planBackup([database('a'), database('b')], rolling, start)

    for (const job of jobs) expect(job).toMatchObject({ tier: 'daily', folder: 'daily/2026-11-20', namedAt: start })
    expect(jobs.map(job => firstNames(job, 1)[0])).toEqual([
      'db-a_2026-11-20_23-59-59.sql.gz',
      'db-b_2026-11-20_23-59-59.sql.gz',
    ])
  })
})

describe('the names of an archive', () => {
  test('are a second apart, and go on past midnight', () => {
    const [job] = planBackup([database('a')], rolling, new Date('2026-11-21T06:59:58Z'))

    expect(firstNames(job, 4)).toEqual([
      'db-a_2026-11-20_23-59-58.sql.gz',
      'db-a_2026-11-20_23-59-59.sql.gz',
      'db-a_2026-11-21_00-00-00.sql.gz',
      'db-a_2026-11-21_00-00-01.sql.gz',
    ])
  })

  test('FM29 in the hour that comes twice the second run finds a name of its own', () => {
    const toronto = { ...rolling, timeZone: 'America/Toronto' }
    const runs = ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z'].map(
      now => planBackup([database('a')], toronto, new Date(now))[0],
    )
    const taken = new Set<string>()

    for (const job of runs) taken.add(firstNames(job, 2, 'America/Toronto').find(name => !taken.has(name)) ?? '')

    expect([...taken]).toEqual(['db-a_2026-11-01_01-30-00.sql.gz', 'db-a_2026-11-01_01-30-01.sql.gz'])
  })

  test('FM29 a name of the hour that is left out in spring does not exist', () => {
    const toronto = { ...rolling, timeZone: 'America/Toronto' }
    const [job] = planBackup([database('a')], toronto, new Date('2026-03-08T06:59:59Z'))

    expect(firstNames(job, 2, 'America/Toronto')).toEqual([
      'db-a_2026-03-08_01-59-59.sql.gz',
      'db-a_2026-03-08_03-00-00.sql.gz',
    ])
  })
})

function database(name: string) {
  const spec = { host: 'db', port: 5432, database: name }
  const target = { ...spec, user: 'reader', password: new Secret('x'), tls: { mode: 'prefer' } } as const
  return { id: databaseId(spec), target }
}

function firstNames(job: BackupJob | undefined, count: number, zone = rolling.timeZone): string[] {
  const names: string[] = []
  for (const name of job === undefined ? [] : archiveNames(job, zone)) {
    if (names.push(name) === count) break
  }
  return names
}
