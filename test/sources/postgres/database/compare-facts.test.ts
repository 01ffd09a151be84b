import { describe, expect, test } from 'vitest'
import {
  type ComparedFacts,
  type ComparedShape,
  compareFacts,
  compareShape,
} from '../../../../src/sources/postgres/database/compare-facts.ts'

const EXPECTED: ComparedFacts = {
  owner: 'tob_app',
  settings: [
    { role: null, name: 'work_mem', value: '7MB' },
    { role: 'reader', name: 'work_mem', value: '8MB' },
  ],
  acl: [
    { grantee: 'tob_app', privileges: ['CREATE', 'CONNECT'], grantable: ['CREATE', 'CONNECT'] },
    { grantee: null, privileges: ['CONNECT'], grantable: [] },
  ],
  comment: 'the wallet',
  connectionLimit: 20,
}

describe('FM86 compareFacts', () => {
  test('another owner and another order are no difference', () => {
    const found = {
      ...EXPECTED,
      owner: 'loader',
      settings: EXPECTED.settings.toReversed(),
      acl: [
        { grantee: null, privileges: ['CONNECT'], grantable: [] },
        { grantee: 'loader', privileges: ['CONNECT', 'CREATE'], grantable: ['CONNECT', 'CREATE'] },
      ],
    }

    expect(compareFacts(EXPECTED, found)).toEqual([])
  })

  test.each<readonly [string, Partial<ComparedFacts>, string]>([
    [
      'a lost setting',
      { settings: EXPECTED.settings.slice(1) },
      'setting work_mem of the database: it did not come back',
    ],
    [
      'a changed setting',
      { settings: EXPECTED.settings.map(setting => ({ ...setting, value: setting.role === null ? '7MB' : '9MB' })) },
      'setting work_mem of role reader of the database: it came back as another one',
    ],
    ['lost rights', { acl: EXPECTED.acl.slice(0, 1) }, 'right of everybody of the database: it did not come back'],
    [
      'rights from nowhere',
      { acl: [...EXPECTED.acl, { grantee: 'x', privileges: ['CREATE'], grantable: [] }] },
      'right of role x of the database: it came back and was not there',
    ],
    ['a lost comment', { comment: null }, 'the comment of the database: it came back as another one'],
    ['another limit', { connectionLimit: -1 }, 'the connection limit of the database: it came back as another one'],
  ])('%s is named, and no value is quoted', (_, change, text) => {
    const remarks = compareFacts(EXPECTED, { ...EXPECTED, ...change })

    expect(remarks.map(remark => remark.text)).toEqual([text])
  })
})

const SHAPE: ComparedShape = {
  encoding: 'UTF8',
  collate: 'C',
  ctype: 'C',
  localeProvider: 'icu',
  icuLocale: 'de-AT',
  icuRules: '&a < b',
}

describe('FM180 compareShape', () => {
  test.each<readonly [string, Partial<ComparedShape>, string]>([
    ['another encoding', { encoding: 'LATIN1' }, 'the encoding of the database: it came back as another one'],
    ['another order', { collate: 'C.UTF-8' }, 'the LC_COLLATE of the database: it came back as another one'],
    [
      'another provider',
      { localeProvider: 'libc' },
      'the locale provider of the database: it came back as another one',
    ],
    ['another locale', { icuLocale: 'de' }, 'the locale of the database: it came back as another one'],
    ['other ICU rules', { icuRules: '&b < a' }, 'the ICU rules of the database: it came back as another one'],
  ])('%s is found', (_, change, text) => {
    expect(compareShape(SHAPE, { ...SHAPE, ...change }).map(remark => remark.text)).toEqual([text])
  })

  test('a shape that nobody knows is no difference, and ICU rules out of nowhere are one', () => {
    const unknown = { ...SHAPE, encoding: null, collate: null, ctype: null, localeProvider: null, icuLocale: null }
    const { icuRules: _, ...without } = SHAPE

    expect(compareShape(unknown, SHAPE)).toEqual([])
    expect(compareShape(without, SHAPE)).toMatchObject([{ kind: 'ICU rules' }])
    expect(compareShape(SHAPE, without)).toMatchObject([{ kind: 'ICU rules' }])
  })
})
