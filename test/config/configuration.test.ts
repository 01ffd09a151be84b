import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backupConfPath } from '../../src/config/configuration.ts'
import { targetName } from '../../src/config/database-target.ts'
import { checkVolume } from '../../src/config/volume-check.ts'
import { configure, problemPlaces } from './read.ts'

function names(configuration: ReturnType<typeof configure>): readonly string[] {
  return configuration.targets.map(targetName)
}

describe('settings', () => {
  test('have the defaults of the bash tool, also where a chart ships empty values', () => {
    const { settings, problems } = configure({ env: { NUM_BACKUPS: '', BACKUP_DIR: '', TZ: '' } })

    expect(settings).toEqual({
      strategy: 'rolling',
      backupDir: '/backups',
      volumeShared: null,
      verificationDir: '/var/lib/pgsql/data',
      keep: { daily: 6, weekly: 4, monthly: 1, yearly: 0, all: 31 },
      timeZone: 'UTC',
      concurrency: 4,
      concurrencyPerHost: 1,
      lockWaitMs: 600_000,
      tableLockWaitMs: 600_000,
      dumpTimeoutMs: 0,
      dumpRetries: 2,
      stallTimeoutMs: 1_800_000,
      serverTimeoutMs: 120_000,
      logLevel: 'info',
      environmentName: null,
      alarm: { rows: 0.33, size: 0.33 },
      backupPeriodMs: 86_400_000,
      runMissed: false,
      shutdownGraceMs: 20_000,
      hooksDir: null,
      hookTimeoutMs: 300_000,
      httpPort: 8080,
      shard: null,
      destinations: [],
      wantedCopies: [],
    })
    expect(problems).toEqual([])
  })

  test('are read from the environment', () => {
    const { settings, problems } = configure({
      env: {
        BACKUP_STRATEGY: 'Daily',
        ROOT_BACKUP_DIR: 'vol',
        BACKUP_DIR: '/other',
        NUM_BACKUPS: ' 7\n',
        STALL_TIMEOUT: '90s',
        DATABASE_SERVER_TIMEOUT: '300',
      },
    })

    expect(settings).toMatchObject({ strategy: 'daily', backupDir: '/work/vol' })
    expect(settings).toMatchObject({ stallTimeoutMs: 90_000, serverTimeoutMs: 300_000 })
    expect(settings.keep?.all).toBe(7)
    expect(problems).toEqual([])
  })

  test.each(['-1', '3.5', 'six', '1e3', '99999999999'])(
    'FM25 a count of %s prunes nothing, since a default might be too low',
    count => {
      const { settings, problems } = configure({ env: { WEEKLY_BACKUPS: count } })

      expect(settings.keep).toBeNull()
      expect(problems).toMatchObject([{ severity: 'problem', place: 'WEEKLY_BACKUPS' }])
    },
  )

  test('FM150 a word for VOLUME_SHARED that is not known opens nothing to anybody', () => {
    const { settings, problems } = configure({ env: { VOLUME_SHARED: 'onwer' } })

    expect(settings.volumeShared).toBe('owner')
    expect(problems).toMatchObject([
      { severity: 'problem', place: 'VOLUME_SHARED', hint: 'until then what is made is open to its owner only' },
    ])
  })

  test('an unknown strategy prunes nothing either', () => {
    const { settings, problems } = configure({ env: { BACKUP_STRATEGY: 'weekly' } })

    expect(settings).toMatchObject({ strategy: 'rolling', keep: null })
    expect(problems).toMatchObject([{ severity: 'problem', place: 'BACKUP_STRATEGY' }])
  })

  test.each([
    ['DUMP_TIMEOUT', '60', 'dumpTimeoutMs', 0],
    ['LOCK_WAIT', '25d', 'lockWaitMs', 600_000],
    ['BACKUP_CONCURRENCY', '0', 'concurrency', 4],
    ['BACKUP_LOG_LEVEL', 'loud', 'logLevel', 'info'],
    ['TZ', 'Mars/Olympus', 'timeZone', 'UTC'],
  ] as const)('%s=%s is a problem and the default is used', (name, value, setting, expected) => {
    const { settings, problems } = configure({ env: { [name]: value } })

    expect(settings[setting]).toBe(expected)
    expect(problems).toMatchObject([{ severity: 'problem', place: name }])
  })

  test('all problems of environment and file are reported at once', () => {
    const configuration = configure({ conf: 'nonsense\na/b', env: { TZ: 'x', DUMP_RETRIES: 'x', DATABASE_USER: '' } })

    expect(problemPlaces(configuration)).toEqual([
      'problem backup.conf:1',
      'problem A_USER',
      'problem TZ',
      'problem DUMP_RETRIES',
    ])
  })

  test('PST8PDT works with a warning', () => {
    const configuration = configure({ env: { TZ: 'PST8PDT' } })

    expect(configuration.settings.timeZone).toBe('PST8PDT')
    expect(problemPlaces(configuration)).toEqual(['warning TZ'])
  })

  test('say where they come from, and nothing of a secret', () => {
    const configuration = configure({
      conf: 'wallet-db/tob',
      env: { TABLE_SCHEMA: 'app', WALLET_DB_PASSWORD_FILE: '/secret', NUM_BACKUPS: 'x' },
      files: { '/secret': 'hunter3' },
    })
    const byName = new Map(configuration.origins.map(origin => [origin.name, origin]))

    expect(byName.get('DAILY_BACKUPS')).toMatchObject({ value: '6', from: 'default' })
    expect(byName.get('DATABASE_USER')).toMatchObject({ value: 'reader', from: 'environment' })
    expect(byName.get('DATABASE_PASSWORD')).toMatchObject({ value: null, from: 'environment', secret: true })
    expect(byName.get('WALLET_DB_PASSWORD')).toMatchObject({ value: null, from: 'file', secret: true })
    expect(byName.get('BACKUP_CONCURRENCY')).toMatchObject({ value: '4', from: 'default' })
    expect(byName.get('TABLE_SCHEMA')?.note).toContain('no longer needed')
    expect(byName.get('NUM_BACKUPS')?.note).toContain('cannot be used')
    expect(JSON.stringify(configuration)).not.toMatch(/hunter[23]/)
  })

  test('are frozen, all the way down', () => {
    const { settings, targets, origins } = configure({ conf: 'wallet-db/tob' })

    expect([settings, settings.keep, targets, targets[0], targets[0]?.tls, origins[0]].every(Object.isFrozen)).toBe(
      true,
    )
  })
})

describe('databases', () => {
  test('FM88 one bad line leaves the others as they are', () => {
    const configuration = configure({ conf: 'a/one\nthis is no line\nb:5433/two\n0 1 * *\nc/three' })

    expect(names(configuration)).toEqual(['a/one', 'b:5433/two', 'c/three'])
    expect(problemPlaces(configuration)).toEqual(['problem backup.conf:2', 'problem backup.conf:4'])
  })

  test.each([
    ['no file', undefined],
    ['an empty file', ''],
    ['a file with schedules only', '@daily default backup -s'],
  ])('come from the environment when there is %s', (_, conf) => {
    const env = {
      DATABASE_SERVICE_NAME: '::1',
      POSTGRESQL_DATABASE: 'app',
      DATABASE_NAME: 'other',
      POSTGRESQL_PORT_NUM: '5433',
    }

    const configuration = configure({ ...(conf === undefined ? {} : { conf }), env })

    expect(names(configuration)).toEqual(['[::1]:5433/app'])
    expect(configuration.databasesFrom).toBe('environment')
    expect(configuration.problems).toEqual([])
  })

  test('have the names of the bash tool when nothing is set', () => {
    expect(names(configure({}))).toEqual(['postgresql/my_postgres_db'])
    expect(names(configure({ env: { DATABASE_NAME: 'app' } }))).toEqual(['postgresql/app'])
  })

  test('FM35 a file whose database lines are all bad never means the database of the environment', () => {
    const configuration = configure({ conf: 'wallet-db tob\nmongo=host/db' })

    expect(configuration.targets).toEqual([])
    expect(problemPlaces(configuration)).toEqual([
      'problem backup.conf:1',
      'warning backup.conf:2',
      'problem backup.conf',
    ])
  })

  test('a file for other containers only is a problem', () => {
    const configuration = configure({ conf: 'mongo=host/db' })

    expect(configuration.targets).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['warning backup.conf:1', 'problem backup.conf'])
  })

  test('FM14 a host or name of the environment that cannot be is a problem', () => {
    const configuration = configure({ env: { DATABASE_SERVICE_NAME: 'a b', DATABASE_NAME: 'x'.repeat(64) } })

    expect(configuration.targets).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['problem DATABASE_SERVICE_NAME', 'problem DATABASE_NAME'])
  })

  test('FM20 of two that share a stem the first is kept', () => {
    const configuration = configure({ conf: 'a-b/c\na/b-c\na-b:5433/c\na-b/c\nA-B/c' })

    expect(names(configuration)).toEqual(['a-b/c', 'A-B/c'])
    expect(problemPlaces(configuration)).toEqual([
      'problem backup.conf:2',
      'problem backup.conf:3',
      'problem backup.conf:4',
      'warning A_B_USER',
    ])
  })

  test('FM14 one whose file names would be too long is a problem', () => {
    const configuration = configure({
      conf: `${'h'.repeat(60)}/${encodeURIComponent('é'.repeat(31))}\n${'h'.repeat(192)}/abc\na/b`,
    })

    expect(names(configuration)).toEqual(['a/b'])
    expect(problemPlaces(configuration)).toEqual(['problem backup.conf:1', 'problem backup.conf:2'])
  })

  test('a BACKUP_CONF that does not exist is a warning', () => {
    expect(problemPlaces(configure({ env: { BACKUP_CONF: '/conf/backup.conf' } }))).toEqual(['warning BACKUP_CONF'])
  })

  test('nothing in file or environment makes reading fail', () => {
    const value = fc.string({ unit: 'binary', maxLength: 20 })

    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.dictionary(fc.constantFrom('TZ', 'DATABASE_NAME', 'NUM_BACKUPS', 'LOCK_WAIT', 'PGSSLMODE'), value),
        (conf, env) => {
          const configuration = configure({ conf, env })

          expect(configuration.targets.length).toBeLessThanOrEqual(configuration.databases.length)
        },
      ),
    )
  })
})

test('the path of backup.conf is relative to the working folder', () => {
  expect(backupConfPath({}, '/work')).toBe('/work/backup.conf')
  expect(backupConfPath({ BACKUP_CONF: '/conf/b.conf' }, '/work')).toBe('/conf/b.conf')
})

test('dated folders at the top of the volume are a warning under the rolling strategy only', () => {
  const folders = ['daily', '2026-11-20', '2026-11-21', 'lost+found']

  const warned = checkVolume(folders, { backupDir: '/backups', strategy: 'rolling' })
  const daily = checkVolume(folders, { backupDir: '/backups', strategy: 'daily' })
  const clean = checkVolume(['daily', 'weekly'], { backupDir: '/backups', strategy: 'rolling' })

  expect(warned).toMatchObject([{ severity: 'warning', place: 'BACKUP_STRATEGY' }])
  expect([daily, clean]).toEqual([[], []])
})

test('a backup folder that is not there is a warning: the volume may not be mounted', () => {
  const problems = checkVolume(null, { backupDir: '/backups', strategy: 'rolling' })

  expect(problems).toMatchObject([{ severity: 'warning', place: 'BACKUP_DIR' }])
})
