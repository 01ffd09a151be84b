import crypto from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import S3rver from 's3rver'
import type { S3Settings } from '../../src/config/destination-settings.ts'
import { Secret } from '../../src/config/secret.ts'

/** The only keys that s3rver knows. */
const KEYS = { accessKey: 'S3RVER', secretKey: 'S3RVER' }

const { createCipheriv, createDecipheriv } = crypto
const twice = (bytes: Buffer): Buffer => Buffer.concat([bytes, bytes])

// s3rver hides the place where a listing goes on with DES, which OpenSSL 3 has no more: it answered 500 instead.
Object.assign(crypto, {
  createCipheriv: (name: string, key: Buffer, iv: Buffer, options?: object) =>
    name === 'des' ? createCipheriv('aes-128-cbc', twice(key), twice(iv)) : createCipheriv(name, key, iv, options),
  createDecipheriv: (name: string, key: Buffer, iv: Buffer, options?: object) =>
    name === 'des' ? createDecipheriv('aes-128-cbc', twice(key), twice(iv)) : createDecipheriv(name, key, iv, options),
})

/** Takes a request over and answers it, or returns false to let the server do so. */
export type Interception = (request: IncomingMessage, response: ServerResponse) => boolean

/** An S3-compatible server on loopback with one bucket, that ends with the test. */
export interface S3Server extends AsyncDisposable {
  readonly port: number
  readonly bucket: string
  /** Where the objects lie: `<key>._S3rver_object` in a folder named after the bucket. */
  readonly directory: string
  /** Method and path of every request so far. */
  readonly requests: readonly string[]
  /** Headers of the requests, in the same order. */
  readonly headers: readonly IncomingMessage['headers'][]
  settings(changed?: Partial<S3Settings>): S3Settings
  /** From now on this sees every request first. */
  intercept(interception: Interception): void
}

export async function startS3Server(): Promise<S3Server> {
  const directory = mkdtempSync(path.join(tmpdir(), 's3-'))
  const bucket = 'copies'
  const s3rver = new S3rver({ directory, silent: true, vhostBuckets: false, configureBuckets: [{ name: bucket }] })
  await s3rver.configureBuckets()
  const answer = s3rver.callback()
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  let interception: Interception = () => false
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    if (!interception(request, response)) void answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    bucket,
    directory,
    requests,
    headers,
    intercept(next) {
      interception = next
    },
    settings: changed => ({
      name: 's3',
      endpoint: `http://127.0.0.1:${port}`,
      accessKey: KEYS.accessKey,
      secretKey: new Secret(KEYS.secretKey),
      bucket,
      prefix: '',
      region: 'us-east-1',
      pathStyle: true,
      createBucket: false,
      retention: 'keep',
      ...changed,
    }),
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
