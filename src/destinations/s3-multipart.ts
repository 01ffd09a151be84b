import type { S3Client } from '@aws-sdk/client-s3'
import type { OpenedSource } from './put-source.ts'
import type { S3Library } from './s3-client.ts'

const SMALLEST_PART_BYTES = 16 * 1024 * 1024
/** S3 takes 10 000. */
const MOST_PARTS = 9_000
/** Two keep the line busy while one is read; more would only cost memory. */
const PARTS_AT_ONCE = 2
const CLEAN_UP_MS = 15_000

export interface MultipartUpload {
  readonly aws: S3Library
  readonly client: S3Client
  readonly object: { readonly Bucket: string; readonly Key: string }
  readonly metadata: Readonly<Record<string, string>>
  readonly source: OpenedSource
  readonly onProgress?: ((bytes: number) => void) | undefined
}

interface Part {
  readonly PartNumber: number
  readonly ETag: string | undefined
}

/** How a file of this size is cut. */
export function partBytesOf(bytes: number): number {
  return Math.max(SMALLEST_PART_BYTES, Math.ceil(bytes / MOST_PARTS))
}

/**
 * Sends a file in parts, of which two are in memory. If anything fails, or the signal is aborted, the server is asked to
 * forget the parts: they cost room and no listing shows them. (lib-storage's Upload neither stops a part that is under
 * way nor waits for that clean-up.)
 */
export async function uploadInParts(upload: MultipartUpload, signal: AbortSignal): Promise<void> {
  const { aws, client, object } = upload
  const command = new aws.CreateMultipartUploadCommand({ ...object, Metadata: { ...upload.metadata } })
  const { UploadId } = await client.send(command, { abortSignal: signal })
  try {
    const Parts = await sendParts(upload, UploadId, signal)
    const complete = new aws.CompleteMultipartUploadCommand({
      ...object,
      UploadId,
      MultipartUpload: { Parts: [...Parts] },
    })
    await client.send(complete, { abortSignal: signal })
  } catch (error) {
    const forget = new aws.AbortMultipartUploadCommand({ ...object, UploadId })
    await client.send(forget, { abortSignal: AbortSignal.timeout(CLEAN_UP_MS) }).catch(() => {})
    throw error
  }
}

async function sendParts(
  upload: MultipartUpload,
  UploadId: string | undefined,
  signal: AbortSignal,
): Promise<readonly Part[]> {
  const partBytes = partBytesOf(upload.source.bytes)
  const starts = Array.from({ length: Math.ceil(upload.source.bytes / partBytes) }, (_, index) => index * partBytes)
  const parts = new Array<Part>(starts.length)
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const waiting = starts.entries()
  let sent = 0
  const work = async (): Promise<void> => {
    for (const [index, start] of waiting) {
      parts[index] = await sendPart(upload, { UploadId, PartNumber: index + 1, start, partBytes }, either)
      sent += Math.min(partBytes, upload.source.bytes - start)
      upload.onProgress?.(sent)
    }
  }
  const stopOthers = (error: unknown): never => {
    failed.abort(error)
    throw error
  }
  const outcomes = await Promise.allSettled(Array.from({ length: PARTS_AT_ONCE }, () => work().catch(stopOthers)))
  if (outcomes.some(outcome => outcome.status === 'rejected'))
    throw signal.aborted ? signal.reason : failed.signal.reason
  return parts
}

async function sendPart(
  { aws, client, object, source }: MultipartUpload,
  part: { UploadId: string | undefined; PartNumber: number; start: number; partBytes: number },
  signal: AbortSignal,
): Promise<Part> {
  signal.throwIfAborted()
  const { UploadId, PartNumber } = part
  const Body = await source.read(part.start, part.partBytes)
  const command = new aws.UploadPartCommand({ ...object, UploadId, PartNumber, Body })
  const { ETag } = await client.send(command, { abortSignal: signal })
  return { PartNumber, ETag }
}
