import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { destinationsOf } from '../../src/destinations/destinations.ts'
import { systemClock } from '../../src/system/clock.ts'
import { configure } from '../config/read.ts'

const options = { clock: systemClock }

test('without settings there is no destination', () => {
  expect(destinationsOf({ ftp: null, s3: null }, options)).toEqual([])
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
    },
  })

  const destinations = destinationsOf(settings, options)

  expect(destinations.map(({ name, place }) => [name, place])).toEqual([
    ['ftp', 'ftp://ftp.example.com/a/b'],
    ['s3', 's3 s3.example.com/backups/wallet/'],
  ])
  expect(settings.ftp?.password).toBeInstanceOf(Secret)
  expect(inspect([destinations, settings], { depth: 9 }) + JSON.stringify([destinations, settings])).not.toContain(
    'hunter2-of',
  )
})
