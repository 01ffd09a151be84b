import { describe, expect, test } from 'vitest'
import { readBackupConf } from '../../src/config/backup-conf.ts'
import { keepRulesOf, keepWarnings } from '../../src/config/own-keep.ts'
import { readSourceOptions } from '../../src/config/source-options.ts'

const SETTINGS = { daily: 6, weekly: 4, monthly: 1, yearly: 0, all: 31 }
const days = (count: number) => ({ count, unit: 'd' }) as const

describe('keep=', () => {
  test.each([
    ['keep=daily:7d,weekly:28d,monthly:12,yearly:3', { daily: days(7), weekly: days(28), monthly: 12, yearly: 3 }],
    ['keep=daily%3A7d%2Cyearly%3Aall', { daily: days(7), yearly: 'all' }],
    ['keep=90d', { all: days(90) }],
    ['keep=weekly:0', { weekly: 0 }],
    ['verifySchema=true&keep=yearly:all', { yearly: 'all' }],
  ])('%s', (text, keep) => {
    expect(readSourceOptions(text)).toEqual({ options: { keep }, faults: [], unknown: [] })
  })

  test.each([
    ['keep'],
    ['keep='],
    ['keep=daily'],
    ['keep=daily:'],
    ['keep=daily:7 d'],
    ['keep=daily:-1'],
    ['keep=daily:7h'],
    ['keep=hourly:7'],
    ['keep=daily:7:8'],
    ['keep=daily:7,'],
    ['keep=daily:7,daily:8'],
    ['keep=daily:%E0'],
    ['keep=__proto__:7'],
  ])('FM249 of %s, which cannot be read, nothing is pruned', text => {
    const read = readSourceOptions(text)

    expect(read.options).toEqual({ keep: null })
    expect(read.faults).toHaveLength(1)
    expect(keepRulesOf(read.options, SETTINGS)).toBeNull()
  })

  test('an option that nothing reads is named, also one that is a word of JavaScript', () => {
    expect(readSourceOptions('toString=1&foo&keep=7')).toEqual({
      options: { keep: { all: 7 } },
      faults: [],
      unknown: ['toString', 'foo'],
    })
  })

  test('what a line does not say, the settings do', () => {
    expect(keepRulesOf({ keep: { yearly: 'all' } }, SETTINGS)).toEqual({ ...SETTINGS, yearly: 'all' })
    expect(keepRulesOf({}, SETTINGS)).toEqual(SETTINGS)
    expect(keepRulesOf({ keep: { yearly: 'all' } }, null)).toBeNull()
  })

  test('FM249 a rule of the other strategy is a warning', () => {
    const place = 'backup.conf:1'

    expect(keepWarnings([{ place, keep: { all: 7 } }], 'rolling')).toMatchObject([{ severity: 'warning', place }])
    expect(keepWarnings([{ place, keep: { daily: 7 } }], 'daily')).toMatchObject([{ severity: 'warning', place }])
    expect(keepWarnings([{ place, keep: { daily: 7 } }, { place, keep: null }, { place }], 'rolling')).toEqual([])
  })
})

describe('a line with options', () => {
  const read = (text: string) => readBackupConf({ path: 'backup.conf', text })

  test('FM249 is backed up where its keep= cannot be read, and that is a problem', () => {
    const { databases, problems } = read('postgres=wallet-db/tob?keep=daily:x')

    expect(databases).toMatchObject([{ host: 'wallet-db', database: 'tob', keep: null }])
    expect(problems).toEqual([
      {
        severity: 'problem',
        place: 'backup.conf:1',
        text: 'keep= cannot be used; expected keep=daily:7d,weekly:28d,monthly:12,yearly:3, or keep=31 for the daily strategy',
        hint: 'until then nothing of it is pruned',
      },
    ])
  })

  test('a ? in a name is quoted, or encoded', () => {
    const { databases, problems } = read(
      'postgres=db/"a?keep=7"\npostgres=db/b%3Fkeep=7?keep=8\npostgres=db/"c?"?keep=9',
    )

    expect(problems).toEqual([])
    expect(databases).toMatchObject([
      { database: 'a?keep=7' },
      { database: 'b?keep=7', keep: { all: 8 } },
      { database: 'c?', keep: { all: 9 } },
    ])
  })
})

describe('alarm=', () => {
  test.each([
    ['alarm=off', { off: true, except: [] }],
    ['alarm=except:public.queue', { off: false, except: ['public.queue'] }],
    ['alarm=except:public.queue,"odd name".t%26u', { off: false, except: ['public.queue', '"odd name".t&u'] }],
  ])('%s', (text, alarm) => {
    expect(readSourceOptions(text)).toEqual({ options: { alarm }, faults: [], unknown: [] })
  })

  test.each(['alarm', 'alarm=', 'alarm=on', 'alarm=except:', 'alarm=except:a,,b', 'alarm=public.queue'])(
    'FM210 of %s, which cannot be read, every loss is an alarm',
    text => {
      const { options, faults } = readSourceOptions(text)

      expect(options).toEqual({})
      expect(faults).toMatchObject([
        { fault: expect.stringMatching(/^alarm= cannot be used; expected off, or except:/) },
      ])
    },
  )

  test('a line for every database of a server says it, and what is kept, for each of them', () => {
    const text = 'postgres=db/*?keep=daily:7&except=old&alarm=off&odd=1'
    const { servers, problems } = readBackupConf({ path: 'backup.conf', text })

    expect(servers).toMatchObject([{ host: 'db', options: { keep: { daily: 7 }, alarm: { off: true } } }])
    expect(problems).toMatchObject([{ severity: 'warning', text: expect.stringContaining('options without effect') }])
  })
})
