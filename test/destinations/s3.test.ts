import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/config/secret.ts'
import { s3Destination } from '../../src/destinations/s3.ts'
import { partBytesOf } from '../../src/destinations/s3-multipart.ts'
import { text } from '../suites/destination-suite.ts'
import { operatorError } from '../support/failure.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'

const NAME = 'wallet-db-tob_2026-11-20_01-00-00.sql.gz'
const MOST = 100_000_000
const signal = AbortSignal.timeout(600_000)

let folder: string
let big: { readonly path: string; readonly bytes: number; readonly sha256: string }

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 's3-test-'))
  const content = randomBytes(40_000_000)
  big = {
    path: path.join(folder, 'big'),
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
  }
  writeFileSync(big.path, content)
})

afterAll(() => rmSync(folder, { recursive: true }))

function partRequests(server: S3Server): readonly string[] {
  return server.requests.filter(request => request.includes('partNumber='))
}

function answer(response: ServerResponse, status: number, code: string): true {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`)
  return true
}

describe('many and large objects', () => {
  test('FM31 all of 1 500 objects are listed, those of other prefixes and folders are not', async () => {
    await using server = await startS3Server()
    const names = Array.from({ length: 1_500 }, (_, index) => `${String(index).padStart(5, '0')}-${NAME}`)
    for (const name of names) putObject(server, `app/${name}`)
    for (const name of ['app.x', 'app/below/x', 'apple/x']) putObject(server, name)
    await using destination = s3Destination(server.settings({ prefix: 'app/' }))

    const listed = await destination.list(signal)

    expect(listed.map(({ name }) => name)).toEqual(names)
    expect(server.requests.filter(request => request.includes('continuation-token'))).toHaveLength(1)
  })

  test('a large file goes in parts, and comes back the same', async () => {
    await using server = await startS3Server()
    await using destination = s3Destination(server.settings())
    const seen: number[] = []

    await destination.put({ name: NAME, source: big, onProgress: bytes => seen.push(bytes) }, signal)
    const received = await destination.get({ name: NAME, path: path.join(folder, 'got'), mostBytes: MOST }, signal)

    expect(partRequests(server)).toHaveLength(3)
    expect(seen).toHaveLength(3)
    expect(received).toEqual({ bytes: big.bytes, sha256: big.sha256 })
  })

  test('a part that is refused for a moment is sent again', async () => {
    await using server = await startS3Server()
    let refused = 0
    server.intercept((request, response) => {
      if (refused > 0 || request.url?.includes('partNumber=2') !== true) return false
      refused += 1
      return answer(response, 503, 'SlowDown')
    })
    await using destination = s3Destination(server.settings())

    await destination.put({ name: NAME, source: big }, signal)

    expect(await destination.list(signal)).toEqual([{ name: NAME, bytes: big.bytes, state: 'published' }])
    expect(refused).toBe(1)
  })

  test('FM44 parts of a file that could not be sent are forgotten there', async () => {
    await using server = await startS3Server()
    server.intercept((request, response) => {
      return request.url?.includes('partNumber=2') === true && answer(response, 507, 'InsufficientStorage')
    })
    await using destination = s3Destination(server.settings())

    const error = await operatorError(destination.put({ name: NAME, source: big }, signal))

    expect(error).toMatchObject({ kind: 'space', message: expect.stringContaining('no space is left') })
    expect(server.requests.at(-1)).toMatch(/^DELETE .*uploadId=/)
    expect(await destination.list(signal)).toEqual([])
  })

  test('FM44 parts of a file whose sending was aborted are forgotten there', async () => {
    await using server = await startS3Server()
    const controller = new AbortController()
    await using destination = s3Destination(server.settings())

    const aborted = destination.put(
      { name: NAME, source: big, onProgress: () => controller.abort() },
      controller.signal,
    )

    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
    expect(server.requests.at(-1)).toMatch(/^DELETE .*uploadId=/)
  })

  test('there are never more than 10 000 parts, nor parts below 16 MiB', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000_000_000_000 }), bytes => {
        const part = partBytesOf(bytes)

        expect(Math.ceil(bytes / part)).toBeLessThanOrEqual(10_000)
        expect(part).toBeGreaterThanOrEqual(16 * 1024 * 1024)
      }),
    )
  })

  test('a file that is there with this size and hash is not sent again, another one is', async () => {
    await using server = await startS3Server()
    await using destination = s3Destination(server.settings())
    await destination.put({ name: NAME, source: text('same size 1') }, signal)
    const puts = (): number => server.requests.filter(request => request.startsWith('PUT')).length

    await destination.put({ name: NAME, source: text('same size 1') }, signal)
    const afterSame = puts()
    await destination.put({ name: NAME, source: text('same size 2') }, signal)

    expect([afterSame, puts()]).toEqual([1, 2])
  })

  test('requests hold nothing that compatible servers do not know', async () => {
    await using server = await startS3Server()
    await using destination = s3Destination(server.settings())

    await destination.put({ name: NAME, source: big }, signal)
    await destination.put({ name: 'small', source: text('content') }, signal)

    const unknown = server.headers
      .flatMap(headers => Object.keys(headers))
      .filter(name => /checksum|trailer/.test(name))
    expect(unknown).toEqual([])
    expect(server.headers.filter(headers => headers['content-encoding'] !== undefined)).toEqual([])
  })
})

describe('errors', () => {
  test.each([
    ['an unknown access key', { accessKey: 'nobody', secretKey: new Secret('hunter2-of-s3') }, 'authentication'],
    ['a bucket that does not exist', { bucket: 'nowhere' }, 'configuration'],
  ])('FM12 %s is final and named, for reading and writing, and no key shows', async (_, changed, kind) => {
    await using server = await startS3Server()
    await using destination = s3Destination(server.settings(changed))

    const errors = [
      await operatorError(destination.put({ name: NAME, source: text('content') }, signal)),
      await operatorError(destination.put({ name: NAME, source: big }, signal)),
      await operatorError(destination.list(signal)),
      await operatorError(destination.get({ name: NAME, path: path.join(folder, 'none'), mostBytes: MOST }, signal)),
    ]

    expect(errors.map(error => error.kind)).toEqual([kind, kind, kind, kind])
    expect(errors.map(error => error.hint)).toEqual([1, 2, 3, 4].map(() => expect.stringContaining('S3_')))
    expect(JSON.stringify(errors.map(error => [error.message, error.hint, error.logOnly]))).not.toContain('hunter2')
  })

  test('a missing bucket is made only when that is asked for', async () => {
    await using server = await startS3Server()
    await using destination = s3Destination(server.settings({ bucket: 'fresh', createBucket: true }))

    await destination.put({ name: NAME, source: text('content') }, signal)

    expect(await destination.list(signal)).toHaveLength(1)
    expect(server.requests.filter(request => /^PUT \/fresh\/?(\?|$)/.test(request))).toHaveLength(1)
  })

  test('a server that is not there is worth another try', async () => {
    await using server = await startS3Server()
    // Nothing ever listens there: a port that was free a moment ago may be another test's by now.
    await using destination = s3Destination(server.settings({ endpoint: 'http://127.0.0.1:1' }))

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('ECONNREFUSED') })
  })

  test('a server that accepts and stays silent costs no more than its time', async () => {
    await using silent = await silentServer()
    await using server = await startS3Server()
    const settings = server.settings({ endpoint: `http://127.0.0.1:${silent.port}` })
    await using destination = s3Destination(settings, { timeoutMs: 300 })

    const error = await operatorError(destination.list(signal))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('does not answer') })
  })

  test('FM47 an object that is there with another size is no success', async () => {
    await using server = await startS3Server()
    server.intercept((request, response) => {
      if (request.method !== 'HEAD') return false
      response.writeHead(200, { 'content-length': '3' }).end()
      return true
    })
    await using destination = s3Destination(server.settings())

    const error = await operatorError(destination.put({ name: NAME, source: text('content') }, signal))

    expect(error).toMatchObject({ kind: 'connection', message: expect.stringContaining('3 bytes') })
  })

  test('an object that breaks off on its way here leaves no file', async () => {
    await using server = await startS3Server()
    await using destination = s3Destination(server.settings())
    await destination.put({ name: NAME, source: text('content') }, signal)
    server.intercept((_, response) => {
      response.writeHead(200, { 'content-length': '7' }).write('con', () => response.destroy())
      return true
    })
    const into = path.join(folder, 'broken')

    const error = await operatorError(destination.get({ name: NAME, path: into, mostBytes: MOST }, signal))

    expect(error.kind).toBe('connection')
    expect(() => readFileSync(into)).toThrow(/ENOENT/)
  })

  test.each([
    [403, 'AccessDenied', 'rights'],
    [403, 'SignatureDoesNotMatch', 'authentication'],
    [403, 'RequestTimeTooSkewed', 'configuration'],
    [301, 'PermanentRedirect', 'configuration'],
    [307, 'TemporaryRedirect', 'configuration'],
    [400, 'SomethingElse', 'server'],
    [500, 'InternalError', 'connection'],
    [507, 'XMinioStorageFull', 'space'],
  ])('status %i with %s is of kind %s', async (status, code, kind) => {
    await using server = await startS3Server()
    server.intercept((_, response) => answer(response, status, code))
    await using destination = s3Destination(server.settings())

    const error = await operatorError(destination.list(signal))

    expect(error.kind).toBe(kind)
  })
})

describe('FM122 a redirect', () => {
  test('without a word, as proxies and answers to HEAD are, says what it means', async () => {
    await using server = await startS3Server()
    server.intercept((_, response) => {
      response.writeHead(301, { location: 'https://127.0.0.1/elsewhere' }).end()
      return true
    })
    await using destination = s3Destination(server.settings())

    const errors = [
      await operatorError(destination.put({ name: NAME, source: text('content') }, signal)),
      await operatorError(destination.list(signal)),
    ]

    expect(errors.map(({ message }) => message)).toEqual(
      ['send', 'list'].map(step =>
        expect.stringMatching(`: could not ${step}: the server sends us elsewhere.*\\(status 301\\)$`),
      ),
    )
    for (const { kind, hint } of errors) {
      expect(kind).toBe('configuration')
      expect(hint).toMatch(/S3_REGION.*https:\/\//)
    }
  })

  test('to another region names that region', async () => {
    await using server = await startS3Server()
    server.intercept((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 400 : 301, { 'x-amz-bucket-region': 'ca-central-1' }).end()
      return true
    })
    await using destination = s3Destination(server.settings())

    const errors = [
      await operatorError(destination.put({ name: NAME, source: text('content') }, signal)),
      await operatorError(destination.list(signal)),
    ]

    for (const error of errors) {
      expect(error).toMatchObject({ kind: 'configuration', hint: 'set S3_REGION=ca-central-1' })
      expect(error.message).toContain('the bucket is in the region ca-central-1')
    }
  })
})

test('FM124 an endpoint with a path is used with it, and shown with it', async () => {
  await using server = await startS3Server()
  const settings = server.settings({ endpoint: `http://127.0.0.1:${server.port}/storage/v1/` })
  await using destination = s3Destination(settings)

  await operatorError(destination.list(signal))

  expect(destination.place).toBe(`s3 127.0.0.1:${server.port}/storage/v1/copies/`)
  expect(server.requests[0]).toMatch(/^GET \/storage\/v1\/copies/)
})

/** An object as s3rver keeps it: a thousand of them by requests would take minutes. */
function putObject(server: S3Server, key: string): void {
  const file = path.join(server.directory, server.bucket, `${key}._S3rver`)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(`${file}_object`, 'x')
  writeFileSync(`${file}_object.md5`, createHash('md5').update('x').digest('hex'))
  writeFileSync(`${file}_metadata.json`, '{}')
}

async function silentServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(socket => {
    open.add(socket)
    socket.on('error', () => {})
  })
  const open = new Set<{ destroy(): void }>()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
