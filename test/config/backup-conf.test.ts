import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBackupConf } from '../../src/config/backup-conf.ts'

function read(...lines: readonly string[]): ReturnType<typeof readBackupConf> {
  return readBackupConf({ path: 'backup.conf', text: lines.join('\n') })
}

function specsOf(...lines: readonly string[]): readonly (readonly [string, number, string])[] {
  return read(...lines).databases.map(({ host, port, database }) => [host, port, database] as const)
}

describe('database lines', () => {
  test.each([
    ['wallet-db/tob', ['wallet-db', 5432, 'tob']],
    ['postgres=wallet-db/tob', ['wallet-db', 5432, 'tob']],
    ['postgresql=wallet-db:5433/tob', ['wallet-db', 5433, 'tob']],
    ['  postgres = wallet-db/tob  # nightly', ['wallet-db', 5432, 'tob']],
    ['postgres=wallet-db/tob?verifySchema=public', ['wallet-db', 5432, 'tob']],
    ['Audit.Example.NET/Reports', ['Audit.Example.NET', 5432, 'Reports']],
    ['10.0.0.7:6432/app', ['10.0.0.7', 6432, 'app']],
    ['postgres=[2001:db8::7]:5433/app', ['2001:db8::7', 5433, 'app']],
    ['[::1]/app', ['::1', 5432, 'app']],
    ['host/"my db"', ['host', 5432, 'my db']],
    ['host/"say ""hi"" # not a comment"  # a comment', ['host', 5432, 'say "hi" # not a comment']],
    ['host/"a/b?c"?verifySchema=public', ['host', 5432, 'a/b?c']],
    ['host/my%20db%2Fx', ['host', 5432, 'my db/x']],
    ['host/-rf', ['host', 5432, '-rf']],
    ['host/données', ['host', 5432, 'données']],
    ['my_host/a=b', ['my_host', 5432, 'a=b']],
  ] as const)('FM14 %s names a database', (line, expected) => {
    const conf = read(line)

    expect(conf.databases.map(({ host, port, database }) => [host, port, database])).toEqual([expected])
    expect(conf.problems).toEqual([])
  })

  test('FM14 every database name survives, quoted or percent-encoded', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 15 }).filter(text => !/[\0\r\n]/.test(text))

    fc.assert(
      fc.property(name, database => {
        const quoted = `host/"${database.replaceAll('"', '""')}"`
        const encoded = `postgres=host/${encodeURIComponent(database)}`

        expect(specsOf(quoted, encoded)).toEqual([
          ['host', 5432, database],
          ['host', 5432, database],
        ])
      }),
    )
  })

  test('reads files with CRLF, a byte order mark and empty lines', () => {
    const conf = readBackupConf({ path: 'backup.conf', text: '\uFEFF# first\r\n\r\na/b\r\n \t\r\nc/d\r\n' })

    expect(conf.databases.map(found => found.place)).toEqual(['backup.conf:3', 'backup.conf:5'])
    expect(conf.problems).toEqual([])
  })

  test('warns of parameters that do nothing and keeps the database', () => {
    const conf = read('host/db?verifySchema=a&backupSchema=b')

    expect(conf.databases).toHaveLength(1)
    expect(conf.problems).toMatchObject([{ severity: 'warning', place: 'backup.conf:1' }])
  })
})

describe('FM35 a line that is no good', () => {
  test.each([
    'wallet-db',
    'wallet-db/',
    '/tob',
    'wallet-db/tob extra',
    'wallet-db/tob/extra',
    'wallet-db/tob#comment',
    'wallet-db/"tob',
    'wallet-db/100%',
    'wallet-db/a%00b',
    'wallet-db:0/tob',
    'wallet-db:65536/tob',
    'wallet-db:/tob',
    'one,two/tob',
    '-oProxyCommand/tob',
    '[wallet-db]/tob',
    'postgres=',
    'postgers=wallet-db/tob',
    'POSTGERS=wallet-db:5432/tob',
    'my-type=wallet-db/tob',
    `wallet-db/${'x'.repeat(64)}`,
    `wallet-db/${'é'.repeat(32)}`,
    '1host/my db',
    '0 1 * * ./backup.sh -s',
    '0 1 * * * ./backup.sh -s',
    '@every default',
    '@daily',
    'TZ=Mars/Olympus',
  ])('%s is a problem with its number', line => {
    const conf = read('# a comment', line, '0 1 * * * default backup -s')

    expect(conf.databases).toEqual([])
    expect(conf.problems).toMatchObject([{ severity: 'problem', place: 'backup.conf:2' }])
  })

  test('every line is used or reported, whatever it holds', () => {
    const schedule = '@daily default backup -s'

    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
        const line = text.replace(/[\r\n]/g, '')
        const conf = read(line, schedule)
        const blank = /^\s*(#.*)?$/.test(line.replace(/^\uFEFF/, ''))
        const [last] = conf.cronLines.slice(-1)
        const zones = typeof last?.timeZone === 'string' ? 1 : 0
        const used = conf.databases.length + conf.cronLines.length - 1 + zones

        expect(used + conf.problems.length > 0).toBe(!blank)
      }),
    )
  })

  test('FM12 a pasted URL or password is not repeated in the problem', () => {
    const conf = read(
      'postgres://app:hunter2@wallet-db/tob',
      'app:hunter2@wallet-db/tob',
      'hunter2',
      'x=hunter2@db/y',
      '@hunter2',
    )

    expect(conf.problems).toHaveLength(5)
    expect(conf.problems[0]).toMatchObject({
      text: expect.stringContaining('a URL'),
      hint: expect.stringContaining('_USER'),
    })
    expect(JSON.stringify(conf.problems)).not.toContain('hunter2')
  })
})

describe('lines of other containers', () => {
  test.each(['mongo', 'mariadb', 'mssql', 'MSSQL'])('a %s line is left out with a warning', type => {
    const conf = read(`${type}=host/db`)

    expect(conf.databases).toEqual([])
    expect(conf.namesDatabases).toBe(true)
    expect(conf.problems).toMatchObject([{ severity: 'warning', place: 'backup.conf:1' }])
  })
})

describe('schedules and variables', () => {
  test('reads the three forms of go-crond', () => {
    const conf = read(
      '0/5 1-3 * * MON-FRI default ./backup.sh -s # nightly',
      '@weekly  root\tbackup -p -s',
      '@every 2h30m default backup.sh -1',
    )

    expect(conf.cronLines.map(line => [line.line, line.schedule, line.command])).toEqual([
      [1, '0/5 1-3 * * MON-FRI', './backup.sh -s'],
      [2, '@weekly', 'backup -p -s'],
      [3, '@every 2h30m', 'backup.sh -1'],
    ])
    expect(conf.problems).toEqual([])
    expect(conf.namesDatabases).toBe(false)
  })

  test('zones hold for the lines below them', () => {
    const conf = read(
      '@daily default backup -1',
      'TZ=America/Vancouver',
      '@daily default backup -1',
      'CRON_TZ=Europe/Berlin',
      '@daily default backup -1',
    )

    expect(conf.cronLines.map(line => line.timeZone)).toEqual([null, 'America/Vancouver', 'Europe/Berlin'])
    expect(conf.problems).toEqual([])
  })

  test.each(['WEEKLY_BACKUPS=8', 'FTP_PASSWORD=hunter2', 'SHELL="/bin/sh"', 'note = hunter2'])(
    'FM141 %s is read by nothing, which is said without its value',
    line => {
      const conf = read(line, '0 1 * * * default ./backup.sh -s')

      const [name = ''] = line.split(/ ?=/)
      expect(conf.problems).toEqual([
        {
          severity: 'warning',
          place: 'backup.conf:1',
          text: `nothing reads the variable ${name} here; expected settings in the environment of the container, and TZ or CRON_TZ alone in this file`,
        },
      ])
    },
  )

  test('warns of a zone below which no schedule stands, and of PST8PDT', () => {
    const conf = read('TZ=PST8PDT', '@daily default backup -1', 'CRON_TZ=UTC')

    expect(conf.problems).toMatchObject([
      { severity: 'warning', place: 'backup.conf:1' },
      { severity: 'warning', place: 'backup.conf:3' },
    ])
  })
})

test('the example in config/backup.conf is read as its comments say', () => {
  const path = new URL('../../config/backup.conf', import.meta.url)

  const conf = readBackupConf({ path: 'backup.conf', text: readFileSync(path, 'utf8') })

  expect(conf.databases.map(({ host, port, database }) => [host, port, database])).toEqual([
    ['wallet-db', 5432, 'tob_holder'],
    ['wallet-db', 5432, 'tob_issuer'],
    ['audit.example.net', 5433, 'audit'],
    ['warehouse', 5432, 'Reports'],
    ['2001:db8::7', 5432, 'ledger'],
    ['archive-db', 5432, 'old data'],
    ['archive-db', 5432, 'new data'],
    ['audit-db', 5432, 'audit'],
    ['forms-db', 5432, 'chefs'],
  ])
  expect(conf.cronLines.map(line => [line.schedule, line.command, line.timeZone])).toEqual([
    ['0 1 * * *', './backup.sh -s', 'America/Vancouver'],
    ['@weekly', 'backup.sh -p -s', 'America/Vancouver'],
  ])
  expect(conf.problems.map(problem => problem.severity)).toEqual(['warning'])
})
