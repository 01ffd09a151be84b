import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { destinationSecrets } from '../../src/config/destination-settings.ts'
import { ftpAddressText, parseFtpAddress } from '../../src/config/ftp-address.ts'
import { configure, problemPlaces } from './read.ts'

const FTP = { FTP_URL: 'ftp://host/', FTP_USER: 'a', FTP_PASSWORD: 'b' }
const S3 = { S3_ENDPOINT: 'https://host', S3_USER: 'a', S3_PASSWORD: 'b', S3_BUCKET: 'c' }

describe('the address of an FTP server', () => {
  test.each([
    ['ftp://host', { host: 'host', port: 21, tls: 'explicit', folders: [], fromRoot: false }],
    ['ftp://host/a/b/', { host: 'host', port: 21, tls: 'explicit', folders: ['a', 'b'], fromRoot: false }],
    ['FTPS://Host:9990//a%20b', { host: 'Host', port: 9990, tls: 'implicit', folders: ['a b'], fromRoot: true }],
    ['ftps://[::1]/a', { host: '::1', port: 990, tls: 'implicit', folders: ['a'], fromRoot: false }],
    ['ftp.host.example/%2Fa', { host: 'ftp.host.example', port: 21, tls: 'explicit', folders: ['a'], fromRoot: true }],
  ])('%s is read', (text, address) => {
    expect(parseFtpAddress(text)).toEqual(address)
  })

  test.each([
    '',
    'http://host/',
    'sftp://host/',
    'ftp://',
    'ftp://user:hunter2@host/',
    'ftp://user@host/',
    'ftp://host:0/',
    'ftp://host:70000/',
    'ftp://host/a/../b',
    'ftp://host/%0d%0aDELE x',
    'ftp://host/%zz',
    'ftp://host/?a',
    'ftp://ho st/',
  ])('%j is none', text => {
    expect(parseFtpAddress(text)).toBeNull()
  })

  test('written again it is the same', () => {
    const name = fc.stringMatching(/^[a-z0-9 ]{1,8}$/).filter(text => text.trim() === text)
    const address = fc.record({
      host: fc.constantFrom('host', '10.0.0.1', '::1'),
      port: fc.integer({ min: 1, max: 65_535 }),
      tls: fc.constantFrom('explicit' as const, 'implicit' as const),
      folders: fc.array(name, { maxLength: 3 }),
      fromRoot: fc.boolean(),
    })

    fc.assert(
      fc.property(address, given => {
        expect(parseFtpAddress(ftpAddressText(given))).toEqual(given)
      }),
    )
  })
})

describe('copies by FTP', () => {
  test('have safe defaults', () => {
    const { settings, problems } = configure({ env: FTP })

    expect(settings.destinations).toMatchObject([
      { name: 'ftp', user: 'a', tls: 'required', caFile: null, retention: 'keep' },
    ])
    expect(problems).toEqual([])
  })

  test('are not asked for when only the leftovers of a chart are set', () => {
    const { settings, problems } = configure({ env: { FTP_URL: '', FTP_USER: 'a', FTP_PASSWORD_FILE: '/none' } })

    expect([settings.destinations, problems]).toEqual([[], []])
  })

  test('that lack user or password are a problem', () => {
    const configuration = configure({ env: { FTP_URL: 'ftp://host/' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['problem FTP_USER', 'problem FTP_PASSWORD'])
  })

  test('take the password from a file', () => {
    const { settings } = configure({
      env: { ...FTP, FTP_PASSWORD: '', FTP_PASSWORD_FILE: '/secret' },
      files: { '/secret': 'from file\n' },
    })

    expect(destinationSecrets(settings.destinations)).toEqual(['from file'])
  })

  test('FM12 a password in the address is refused and shown nowhere', () => {
    const configuration = configure({ env: { ...FTP, FTP_URL: 'ftp://user:hunter3@host/' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['problem FTP_URL'])
    expect(JSON.stringify(configuration)).not.toContain('hunter3')
  })

  test.each(['insecure', 'off'])('FM45 FTP_TLS=%s is a warning', tls => {
    const configuration = configure({ env: { ...FTP, FTP_TLS: tls } })

    expect(configuration.settings.destinations).toMatchObject([{ tls }])
    expect(problemPlaces(configuration)).toEqual(['warning FTP_TLS'])
  })

  test('FM45 a word for FTP_TLS that is not known means required', () => {
    const configuration = configure({ env: { ...FTP, FTP_TLS: 'none' } })

    expect(configuration.settings.destinations).toMatchObject([{ tls: 'required' }])
    expect(problemPlaces(configuration)).toEqual(['problem FTP_TLS'])
  })

  test('FM45 ftps:// without TLS is a contradiction', () => {
    const configuration = configure({ env: { ...FTP, FTP_URL: 'ftps://host/', FTP_TLS: 'off' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['problem FTP_TLS'])
  })
})

describe('copies to S3', () => {
  test('have the defaults of compatible servers', () => {
    const { settings, problems } = configure({ env: S3 })

    expect(settings.destinations).toMatchObject([
      { name: 's3', region: 'us-east-1', pathStyle: true, createBucket: false, prefix: '' },
    ])
    expect(problems).toEqual([])
  })

  test.each(['S3_ENDPOINT', 'S3_USER', 'S3_PASSWORD', 'S3_BUCKET'])('without %s are a problem', name => {
    const configuration = configure({ env: { ...S3, [name]: '' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual([`problem ${name}`])
  })

  test.each([
    [{}, 'keep', []],
    [{ S3_PRUNE_BACKUPS: 'true' }, 'mirror', []],
    [{ S3_PRUNE_BACKUPS: 'false' }, 'keep', []],
    [{ S3_RETENTION: 'mirror' }, 'mirror', []],
    [{ S3_RETENTION: 'keep', S3_PRUNE_BACKUPS: 'true' }, 'keep', ['warning S3_PRUNE_BACKUPS']],
  ])('with %j are kept or mirrored: %s', (env, retention, problems) => {
    const configuration = configure({ env: { ...S3, ...env } })

    expect(configuration.settings.destinations).toMatchObject([{ retention }])
    expect(problemPlaces(configuration)).toEqual(problems)
  })

  test.each([
    ['wallet', 'wallet/'],
    ['/a/b/', 'a/b/'],
    ['/', ''],
  ])('the prefix %s is the folder %j', (S3_PREFIX, prefix) => {
    expect(configure({ env: { ...S3, S3_PREFIX } }).settings.destinations).toMatchObject([{ prefix }])
  })

  test.each([
    ['https://c.s3.ca-central-1.amazonaws.com', 'c', ['warning S3_ENDPOINT']],
    ['https://c.s3-store.example', 'C', ['warning S3_ENDPOINT']],
    ['https://s3.ca-central-1.amazonaws.com', 'c', []],
    ['https://c.example', 'c', []],
  ])('FM124 the server %s with the bucket %s: %j, and the copies are sent', (S3_ENDPOINT, S3_BUCKET, places) => {
    const configuration = configure({ env: { ...S3, S3_ENDPOINT, S3_BUCKET } })

    expect(problemPlaces(configuration)).toEqual(places)
    expect(configuration.settings.destinations).toHaveLength(1)
  })

  test('FM124 an address that cannot be used is one problem, and is not called unset', () => {
    const configuration = configure({ env: { ...S3, S3_ENDPOINT: 's3.example' } })

    expect(problemPlaces(configuration)).toEqual(['problem S3_ENDPOINT'])
    expect(configuration.problems[0]?.text).toContain('what is set cannot be used')
    expect(configuration.settings.destinations).toEqual([])
  })

  test.each([
    ['c/folder', '', 'c', 'folder/'],
    ['c/a/b/', '/deep/', 'c', 'a/b/deep/'],
    ['/c/', '', 'c', ''],
    ['c', 'x//y', 'c', 'x/y/'],
    [' c', '', 'c', ''],
    ['c/a \n', '', 'c', 'a/'],
  ])('FM124 the bucket %s with the prefix %j is %s and %j', (S3_BUCKET, S3_PREFIX, bucket, prefix) => {
    const { settings, problems } = configure({ env: { ...S3, S3_BUCKET, S3_PREFIX } })

    expect(settings.destinations).toMatchObject([{ bucket, prefix }])
    expect(problems).toEqual([])
  })

  test.each([
    ['b?x', '', 'S3_BUCKET'],
    ['b x', '', 'S3_BUCKET'],
    ['-b', '', 'S3_BUCKET'],
    ['..', '', 'S3_BUCKET'],
    ['b/../c', '', 'S3_BUCKET, S3_PREFIX'],
    ['b', './c', 'S3_BUCKET, S3_PREFIX'],
    ['b', 'c\u0007', 'S3_BUCKET, S3_PREFIX'],
  ])('FM124 the bucket %j with the prefix %j is a problem, and no copies are sent', (S3_BUCKET, S3_PREFIX, place) => {
    const configuration = configure({ env: { ...S3, S3_BUCKET, S3_PREFIX } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual([`problem ${place}`])
  })

  test('FM124 a bucket that is nothing but slashes is none', () => {
    const configuration = configure({ env: { ...S3, S3_BUCKET: '/' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['problem S3_BUCKET'])
  })

  test.each([
    ['https://host/', []],
    ['https://host/storage/v1', ['warning S3_ENDPOINT']],
    ['https://host/c', ['problem S3_ENDPOINT']],
    ['https://host/c/folder/', ['problem S3_ENDPOINT']],
  ])('FM124 the endpoint %s gives %j', (S3_ENDPOINT, problems) => {
    const configuration = configure({ env: { ...S3, S3_ENDPOINT } })

    expect(problemPlaces(configuration)).toEqual(problems)
    expect(configuration.settings.destinations.length === 0).toBe(problems.includes('problem S3_ENDPOINT'))
  })

  test('FM12 keys in the address are refused and shown nowhere', () => {
    const configuration = configure({ env: { ...S3, S3_ENDPOINT: 'https://key:hunter3@host' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(JSON.stringify(configuration)).not.toContain('hunter3')
  })

  test('http is a warning', () => {
    expect(problemPlaces(configure({ env: { ...S3, S3_ENDPOINT: 'http://minio:9000' } }))).toEqual([
      'warning S3_ENDPOINT',
    ])
  })
})

test('FM12 the secrets that no log line may hold are those of all destinations', () => {
  const env = {
    ...S3,
    S3_PASSWORD: 'hunter2-of-s3',
    FTP_URL: 'ftp://host/',
    FTP_USER: 'u',
    FTP_PASSWORD: 'hunter2-of-ftp',
  }

  expect(destinationSecrets(configure({ env }).settings.destinations)).toEqual(['hunter2-of-ftp', 'hunter2-of-s3'])
  expect(destinationSecrets(configure({}).settings.destinations)).toEqual([])
})
