import { describe, expect, test } from 'vitest'
import { destinationSecrets } from '../../src/config/destination-settings.ts'
import { parseSftpAddress, sftpAddressText } from '../../src/config/sftp-address.ts'
import { configure, problemPlaces } from './read.ts'

const SFTP = { SFTP_URL: 'sftp://copies@host/backups/', SFTP_KEY_FILE: '/key', SFTP_KNOWN_HOSTS_FILE: '/hosts' }

describe('an address', () => {
  test.each([
    ['sftp://copies@host/backups/wallet/', 'copies', 'host', 22, '/backups/wallet'],
    ['sftp://copies@host:2222/~/wallet', 'copies', 'host', 2222, 'wallet'],
    ['SFTP://copies@host/~/', 'copies', 'host', 22, ''],
    ['sftp://copies@host/~', 'copies', 'host', 22, ''],
    ['sftp://copies@host', 'copies', 'host', 22, '/'],
    ['sftp://copies@[2001:db8::7]:23/a', 'copies', '2001:db8::7', 23, '/a'],
    ['sftp://account.container.user@host/a', 'account.container.user', 'host', 22, '/a'],
    ['sftp://copies%40example.org@host/a%20b//./c', 'copies@example.org', 'host', 22, '/a b/c'],
  ])('%s is understood', (text, user, host, port, folder) => {
    expect(parseSftpAddress(text)).toEqual({ user, host, port, folder })
  })

  test.each([
    ['FM236 a host that would be an option of ssh', 'sftp://copies@-oProxyCommand=id/a'],
    ['FM236 a user that would be an option of ssh', 'sftp://-oProxyCommand=id@host/a'],
    ['FM236 a user that a shell would read', 'sftp://$(id)%60id%60@host/a'],
    ['FM236 a user with a blank', 'sftp://two%20words@host/a'],
    ['FM235 a way out of the folder', 'sftp://copies@host/a/../../etc'],
    ['FM235 a hidden way out of the folder', 'sftp://copies@host/a/%2e%2e%2fetc'],
    ['a password', 'sftp://copies:hunter3@host/a'],
    ['a hidden password', 'sftp://copies%3Ahunter3@host/a'],
    ['no user', 'sftp://host/a'],
    ['another scheme', 'ftp://copies@host/a'],
    ['a port that there is not', 'sftp://copies@host:70000/a'],
    ['a control character', 'sftp://copies@host/a%0ab'],
    ['a half of a %XX', 'sftp://copies@host/a%2'],
  ])('with %s is refused', (_, text) => {
    expect(parseSftpAddress(text)).toBeNull()
  })

  test.each([
    'sftp://copies@host/backups',
    'sftp://copies@host:2222/~/wallet',
    'sftp://copies@[2001:db8::7]/a',
    'sftp://copies@host/~/',
  ])('%s is shown as it is written', text => {
    const address = parseSftpAddress(text)
    expect(address && sftpAddressText(address)).toBe(text)
  })
})

describe('copies by SFTP', () => {
  test('need an address, a key and known hosts', () => {
    const { settings, problems } = configure({ env: SFTP })

    expect(settings.destinations).toEqual([
      {
        name: 'sftp',
        address: { user: 'copies', host: 'host', port: 22, folder: '/backups' },
        keyFile: '/key',
        passphrase: null,
        password: null,
        knownHostsFile: '/hosts',
        retention: 'keep',
      },
    ])
    expect(problems).toEqual([])
  })

  test.each(['SFTP_KEY_FILE', 'SFTP_KNOWN_HOSTS_FILE'])('FM230 without %s are a problem', name => {
    const configuration = configure({ env: { ...SFTP, [name]: '' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual([`problem ${name}`])
  })

  test('go without a key where a password is given', () => {
    const { settings, problems } = configure({ env: { ...SFTP, SFTP_KEY_FILE: '', SFTP_PASSWORD: 'hunter2' } })

    expect(settings.destinations).toMatchObject([{ keyFile: null }])
    expect(destinationSecrets(settings.destinations)).toEqual(['hunter2'])
    expect(problems).toEqual([])
  })

  test('take both secrets from files', () => {
    const { settings } = configure({
      env: { ...SFTP, SFTP_KEY_PASSPHRASE_FILE: '/a', SFTP_PASSWORD_FILE: '/b' },
      files: { '/a': 'of the key\n', '/b': 'of the user\n' },
    })

    expect(destinationSecrets(settings.destinations)).toEqual(['of the key', 'of the user'])
  })

  test('FM237 a secret of two lines, of which ssh reads one, is refused and not shown', () => {
    const configuration = configure({ env: { ...SFTP, SFTP_KEY_PASSPHRASE: 'hunter2\nhunter3' } })

    expect(configuration.settings.destinations).toEqual([])
    expect(problemPlaces(configuration)).toEqual(['problem SFTP_KEY_PASSPHRASE'])
    expect(JSON.stringify(configuration)).not.toContain('hunter')
  })

  test('a passphrase without a key is a warning', () => {
    const env = { ...SFTP, SFTP_KEY_FILE: '', SFTP_PASSWORD: 'x', SFTP_KEY_PASSPHRASE: 'y' }

    expect(problemPlaces(configure({ env }))).toEqual(['warning SFTP_KEY_PASSPHRASE'])
  })

  test('FM12 a password in the address is refused and shown nowhere', () => {
    const configuration = configure({ env: { ...SFTP, SFTP_URL: 'sftp://user:hunter3@host/' } })

    expect(problemPlaces(configuration)).toEqual(['problem SFTP_URL'])
    expect(JSON.stringify(configuration)).not.toContain('hunter3')
  })
})
