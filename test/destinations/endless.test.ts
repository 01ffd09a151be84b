import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Destination } from '../../src/destinations/destination.ts'
import { ftpsDestination } from '../../src/destinations/ftps.ts'
import { s3Destination } from '../../src/destinations/s3.ts'
import type { OperatorError } from '../../src/errors.ts'
import { systemClock } from '../../src/system/clock.ts'
import { operatorError } from '../support/failure.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { type Script, startScriptedFtpServer } from '../support/scripted-ftp-server.ts'

const NAME = 'wallet-db-tob_2026-11-20_01-00-00.sql.gz'
const ANNOUNCED = 100_000
/** In case that nothing ends a stream: the test fails then, instead of filling the disk. */
const ENDLESS_BYTES = 300 * 2 ** 20
const signal = AbortSignal.timeout(120_000)

let folder: string

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'endless-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

describe('a download', () => {
  test('FM107 of an FTP server that goes on after the size that it announced ends there', async () => {
    const replies = { SIZE: `213 ${ANNOUNCED}` }

    const error = await failureOfFtp({ replies, sends: { RETR: endless } }, destination => fetch(destination))

    expect(error.kind).toBe('incomplete')
    expect(error.message).toContain(`${NAME} is longer than announced; expected no more than ${ANNOUNCED} bytes`)
    expect(readdirSync(folder)).toEqual([])
  })

  test('FM107 that an FTP server announces as larger than its listing did is not begun', async () => {
    await using server = await startScriptedFtpServer({ replies: { SIZE: '213 900000000000' } })
    await using destination = ftpsDestination(server.settings(), { clock: systemClock })

    const error = await operatorError(fetch(destination))

    expect(error).toMatchObject({ kind: 'incomplete', message: expect.stringContaining('900000000000 bytes') })
    expect(server.received()).not.toContain('RETR')
    expect(readdirSync(folder)).toEqual([])
  })

  test('FM107 from S3 without a size that goes on ends at the size of the listing', async () => {
    const error = await failureOfS3(
      (_, response) => void pipeline(Readable.from(endless()), response).catch(() => {}),
      destination => fetch(destination),
    )

    expect(error).toMatchObject({ kind: 'incomplete', message: expect.stringContaining('longer than announced') })
    expect(readdirSync(folder)).toEqual([])
  })

  test('FM107 from S3 without a size that ends in time is taken', async () => {
    await using server = await startS3Server()
    server.intercept((_, response) => {
      response.write('con')
      response.end('tent')
      return true
    })
    await using destination = s3Destination(server.settings())
    const into = path.join(folder, 'got')

    const received = await destination.get({ name: NAME, path: into, mostBytes: 7 }, signal)

    expect(received.bytes).toBe(7)
    expect(readFileSync(into, 'utf8')).toBe('content')
    rmSync(into)
  })

  test('FM107 that is shorter than announced leaves no file', async () => {
    const script = { replies: { SIZE: `213 ${ANNOUNCED}` }, sends: { RETR: () => [Buffer.alloc(ANNOUNCED - 1)] } }

    const error = await failureOfFtp(script, destination => fetch(destination))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining(`expected ${ANNOUNCED}`) })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('a listing', () => {
  test('FM108 of S3 that repeats its token ends', async () => {
    let pages = 0

    const error = await failureOfS3(
      (_, response) => {
        pages += 1
        page(response, { token: 'the-same', files: 1 })
      },
      destination => destination.list(signal),
    )

    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('goes round in a circle') })
    expect(pages).toBe(2)
  })

  test('FM108 of S3 that names ever more files ends at the limit', async () => {
    let pages = 0

    const error = await failureOfS3(
      (_, response) => page(response, { token: `page-${++pages}`, files: 30_000 }),
      destination => destination.list(signal),
    )

    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('more than 250000 files') })
    expect(pages).toBe(9)
  })

  test('FM108 of S3 whose one answer does not end is cut off', async () => {
    const error = await failureOfS3(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/xml' })
        void pipeline(Readable.from(endless()), response).catch(() => {})
      },
      destination => destination.list(signal),
    )

    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('longer than 16 MiB') })
  })

  test('FM108 an error of S3 whose text does not end is cut off', async () => {
    const error = await failureOfS3(
      (_, response) => {
        response.writeHead(400, { 'content-type': 'application/xml' })
        void pipeline(Readable.from(endless()), response).catch(() => {})
      },
      destination => fetch(destination),
    )

    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('longer than 16 MiB') })
  })

  test('FM109 of FTP that does not end is an error that names destination and limit', async () => {
    const error = await failureOfFtp({ sends: { LIST: endlessListing } }, destination => destination.list(signal))

    expect(error.kind).toBe('server')
    expect(error.message).toMatch(
      /^ftp:\/\/127\.0\.0\.1:\d+\/: could not list: it names more than 250000 files; expected a folder of copies$/,
    )
  })

  test('FM109 of FTP with more short lines than files are allowed is refused before they are understood', async () => {
    const error = await failureOfFtp({ sends: { LIST: () => [lines(250_001, 'x')] } }, destination =>
      destination.list(signal),
    )

    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('more than 250000 files') })
  })

  test('FM109 of 100 000 archives with their manifests and long names is read', async () => {
    const name = `${'a'.repeat(200)}_2026-11-20_01-00-00.sql.gz`
    await using server = await startScriptedFtpServer({ sends: { LIST: () => [lines(200_000, name)] } })
    await using destination = ftpsDestination(server.settings(), { clock: systemClock })

    const listed = await destination.list(signal)

    expect(listed).toHaveLength(200_000)
  })

  test('FM109 of FTP whose replies do not end is an error of the server', async () => {
    const error = await failureOfFtp({ replies: { SIZE: `213-${'and so on '.repeat(200_000)}` } }, destination =>
      fetch(destination),
    )

    expect(error).toMatchObject({ kind: 'server', message: expect.stringContaining('does not end') })
  })
})

async function fetch(destination: Destination): Promise<unknown> {
  return await destination.get({ name: NAME, path: path.join(folder, 'got'), mostBytes: ANNOUNCED }, signal)
}

async function failureOfFtp(
  script: Script,
  work: (destination: Destination) => Promise<unknown>,
): Promise<OperatorError> {
  await using server = await startScriptedFtpServer(script)
  await using destination = ftpsDestination(server.settings(), { clock: systemClock })
  return await operatorError(work(destination))
}

async function failureOfS3(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  work: (destination: Destination) => Promise<unknown>,
): Promise<OperatorError> {
  await using server: S3Server = await startS3Server()
  server.intercept((request, response) => {
    answer(request, response)
    return true
  })
  await using destination = s3Destination(server.settings())
  return await operatorError(work(destination))
}

/** 300 MB: to whoever expects 100 kB it never ends. */
function* endless(): Generator<Buffer> {
  const piece = Buffer.alloc(2 ** 20, 'x')
  for (let sent = 0; sent < ENDLESS_BYTES; sent += piece.length) {
    yield piece
  }
}

function* endlessListing(): Generator<Buffer> {
  const piece = lines(5_000, NAME)
  for (let sent = 0; sent < ENDLESS_BYTES; sent += piece.length) yield piece
}

function lines(count: number, name: string): Buffer {
  return Buffer.from(
    Array.from({ length: count }, (_, index) => `-rw------- 1 1 1 9 Nov 20 01:00 ${index}${name}\r\n`).join(''),
  )
}

function page(response: ServerResponse, { token, files }: { readonly token: string; readonly files: number }): void {
  const contents = Array.from(
    { length: files },
    (_, index) => `<Contents><Key>${token}-${index}</Key><Size>1</Size></Contents>`,
  )
  response.writeHead(200, { 'content-type': 'application/xml' })
  response.end(
    `<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>${contents.join('')}</ListBucketResult>`,
  )
}
