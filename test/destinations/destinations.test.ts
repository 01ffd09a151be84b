import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { DESTINATION_NAMES, DESTINATIONS } from '../../src/config/destination-settings.ts'
import { openDestination, openDestinationNamed } from '../../src/destinations/destinations.ts'
import { systemClock } from '../../src/system/clock.ts'
import { configure } from '../config/read.ts'

const options = { clock: systemClock, env: {} }

test.each(DESTINATION_NAMES)('%s that is not set cannot be opened, and the hint says where to look', name => {
  const { variable } = DESTINATIONS[name]

  expect(() => openDestinationNamed(name, configure({}).settings, options)).toThrow(
    `--from ${name}: ${variable} is not set, or cannot be used; expected a destination`,
  )
})

test('FM12 each destination that is set is there, says where it is, and shows no secret', () => {
  const { settings } = configure({
    env: {
      FTP_URL: 'ftp://ftp.example.com/a/b',
      FTP_USER: 'copies',
      FTP_PASSWORD: 'hunter2-of-ftp',
      S3_ENDPOINT: 'https://s3.example.com',
      S3_BUCKET: 'backups',
      S3_USER: 'key',
      S3_PASSWORD: 'hunter2-of-s3',
      S3_PREFIX: '/wallet/',
      SFTP_URL: 'sftp://copies@ssh.example.com/wallet',
      SFTP_KEY_FILE: '/key',
      SFTP_KEY_PASSPHRASE: 'hunter2-of-the-key',
      SFTP_PASSWORD: 'hunter2-of-sftp',
      SFTP_KNOWN_HOSTS_FILE: '/hosts',
    },
  })

  const destinations = settings.destinations.map(each => openDestination(each, options))

  expect(destinations.map(({ name, place }) => [name, place])).toEqual([
    ['ftp', 'ftp://ftp.example.com/a/b'],
    ['s3', 's3 s3.example.com/backups/wallet/'],
    ['sftp', 'sftp://copies@ssh.example.com/wallet'],
  ])
  expect(destinations.map(({ name }) => name)).toEqual(DESTINATION_NAMES)
  expect(openDestinationNamed('s3', settings, options).name).toBe('s3')
  expect(inspect([destinations, settings], { depth: 9 }) + JSON.stringify([destinations, settings])).not.toContain(
    'hunter2-of',
  )
})
