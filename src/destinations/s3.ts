import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { S3Client } from '@aws-sdk/client-s3'
import type { S3Settings } from '../config/destination-settings.ts'
import { OperatorError } from '../errors.ts'
import {
  type Destination,
  type Get,
  listingTooLong,
  MOST_LISTED_FILES,
  type Put,
  type RemoteFile,
} from './destination.ts'
import { type OpenedSource, openPutSource } from './put-source.ts'
import { receiveFile } from './received-file.ts'
import { openS3, type S3Library } from './s3-client.ts'
import { isForbidden, isNotFound, s3Failure } from './s3-failure.ts'
import { partBytesOf, uploadInParts } from './s3-multipart.ts'

const TIMEOUT_MS = 60_000
/** The name under which an object keeps the SHA-256 of its content. */
const HASH = 'sha256'

interface Bucket {
  readonly aws: S3Library
  readonly client: S3Client
  readonly settings: S3Settings
}

/**
 * A bucket, or what lies under a prefix in it. An object appears in one piece, so that there are no temporary names; its
 * SHA-256 is kept with it, and a file that is there with this size and hash is not sent again.
 */
export function s3Destination(
  settings: S3Settings,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Destination {
  const { host, pathname } = new URL(settings.endpoint)
  const place = `s3 ${host}${pathname.replace(/\/*$/, '/')}${settings.bucket}/${settings.prefix}`
  let opened: ReturnType<typeof openS3> | null = null

  async function run<T>(step: string, work: (bucket: Bucket) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    opened ??= openS3(settings, { place, timeoutMs })
    const bucket = { ...(await opened), settings }
    try {
      return await work(bucket)
    } catch (error) {
      throw signal.aborted ? signal.reason : s3Failure(place, step, error)
    }
  }

  return {
    name: settings.name,
    place,
    async put(put, signal) {
      const source = await openPutSource(put.source)
      await run('send', bucket => putObject(bucket, { put, source, place }, signal), signal)
    },
    list: signal => run('list', bucket => listObjects(bucket, place, signal), signal),
    get: (file, signal) => run('fetch', bucket => getObject(bucket, { ...file, place }, signal), signal),
    async remove(name, signal) {
      await run(
        'remove',
        async ({ aws, client }) => {
          // One by one: compatible servers differ in what they ask of the command for many.
          await client.send(new aws.DeleteObjectCommand(objectOf(settings, name)), { abortSignal: signal })
        },
        signal,
      )
    },
    async [Symbol.asyncDispose]() {
      const open = await opened?.catch(() => null)
      open?.client.destroy()
    },
  }
}

interface ObjectPut {
  readonly put: Put
  readonly source: OpenedSource
  readonly place: string
}

async function putObject(bucket: Bucket, task: ObjectPut, signal: AbortSignal): Promise<void> {
  const { put, source, place } = task
  const before = await head(bucket, put.name, signal).catch(unlessForbidden)
  if (before?.bytes === source.bytes && before.sha256 === source.sha256) return
  await orMakeBucket(bucket, () => send(bucket, task, signal), signal)
  const after = await head(bucket, put.name, signal)
  // A server that keeps no metadata is believed the size.
  if (after?.bytes === source.bytes && (after.sha256 ?? source.sha256) === source.sha256) return
  const found = after === null ? 'not there' : `${after.bytes} bytes`
  throw new OperatorError(
    'connection',
    `${place}: ${put.name} is ${found} after it was sent; expected ${source.bytes} bytes`,
  )
}

/** An answer to HEAD can't say why; the request that follows gets the reason. */
function unlessForbidden(error: unknown): null {
  if (isForbidden(error)) return null
  throw error
}

async function send({ aws, client, settings }: Bucket, { put, source }: ObjectPut, signal: AbortSignal): Promise<void> {
  const object = objectOf(settings, put.name)
  const metadata = { [HASH]: source.sha256 }
  if (source.bytes > partBytesOf(source.bytes)) {
    await uploadInParts({ aws, client, object, metadata, source, onProgress: put.onProgress }, signal)
    return
  }
  const Body = await source.read(0, source.bytes)
  await client.send(new aws.PutObjectCommand({ ...object, Body, Metadata: metadata }), { abortSignal: signal })
  put.onProgress?.(source.bytes)
}

/** The original tool always makes the bucket, and a slip of the pen becomes a bucket of its own. */
async function orMakeBucket(
  { aws, client, settings }: Bucket,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!settings.createBucket || !(error instanceof Error) || error.name !== 'NoSuchBucket') throw error
    await client.send(new aws.CreateBucketCommand({ Bucket: settings.bucket }), { abortSignal: signal })
    await work()
  }
}

interface StoredObject {
  readonly bytes: number
  readonly sha256: string | null
}

/** Null if there is no such object. */
async function head(
  { aws, client, settings }: Bucket,
  name: string,
  signal: AbortSignal,
): Promise<StoredObject | null> {
  try {
    const command = new aws.HeadObjectCommand(objectOf(settings, name))
    const { ContentLength = 0, Metadata } = await client.send(command, { abortSignal: signal })
    return { bytes: ContentLength, sha256: Metadata?.[HASH] ?? null }
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

/** A page without one file can be right, since the folders beside them count too. */
const MOST_PAGES = 10_000

async function listObjects(
  { aws, client, settings }: Bucket,
  place: string,
  signal: AbortSignal,
): Promise<readonly RemoteFile[]> {
  const files: RemoteFile[] = []
  const from = { Bucket: settings.bucket, Prefix: settings.prefix, Delimiter: '/' }
  const places = new Set<string>()
  let ContinuationToken: string | undefined
  do {
    const command = new aws.ListObjectsV2Command({
      ...from,
      ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
    })
    const page = await client.send(command, { abortSignal: signal })
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      const name = Key.slice(settings.prefix.length)
      // A folder that a person made in a browser is an empty object of the prefix's own name.
      if (name !== '') files.push({ name, bytes: Size, state: 'published' })
    }
    if (files.length > MOST_LISTED_FILES) throw listingTooLong(place)
    ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined
    if (ContinuationToken !== undefined) noteProgress(places, ContinuationToken, place)
  } while (ContinuationToken !== undefined)
  return files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** A listing must come to its end: each page has to go on at another place. */
function noteProgress(places: Set<string>, token: string, place: string): void {
  if (!places.has(token) && places.size < MOST_PAGES) {
    places.add(token)
    return
  }
  const found = places.has(token)
    ? 'its listing goes round in a circle'
    : `its listing has more than ${MOST_PAGES} pages`
  throw new OperatorError('server', `${place}: could not list: ${found}; expected one that ends`, {
    hint: 'the server is at fault, or something between it and this pod',
  })
}

async function getObject(
  { aws, client, settings }: Bucket,
  file: Get & { readonly place: string },
  signal: AbortSignal,
): ReturnType<Destination['get']> {
  const command = new aws.GetObjectCommand(objectOf(settings, file.name))
  const { Body, ContentLength = null } = await client.send(command, { abortSignal: signal })
  if (!(Body instanceof Readable)) throw new Error('the S3 client gave no stream')
  return await receiveFile({ ...file, bytes: ContentLength }, into => pipeline(Body, into, { signal }))
}

function objectOf({ bucket, prefix }: S3Settings, name: string): { Bucket: string; Key: string } {
  return { Bucket: bucket, Key: prefix + name }
}
