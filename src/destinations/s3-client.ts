import type { S3Client } from '@aws-sdk/client-s3'
import type { S3Settings } from '../config/destination-settings.ts'
import { boundAnswers } from './s3-bounded-answers.ts'

const CONNECT_TIMEOUT_MS = 15_000
/** The client tries a single request again by itself, so that one lost answer does not cost a file of many parts. */
const TRIES_OF_A_REQUEST = 3

/** The library, which takes time and memory to load, so that only those who use S3 do; and a client for this bucket. */
export async function openS3(
  settings: S3Settings,
  { place, timeoutMs }: { readonly place: string; readonly timeoutMs: number },
): Promise<{ readonly aws: S3Library; readonly client: S3Client }> {
  const aws = await import('@aws-sdk/client-s3')
  const client = new aws.S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    credentials: { accessKeyId: settings.accessKey, secretAccessKey: settings.secretKey.reveal() },
    // Compatible servers know neither the checksums nor the trailers that the client sends otherwise.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: TRIES_OF_A_REQUEST,
    requestHandler: { connectionTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs), socketTimeout: timeoutMs },
  })
  boundAnswers(client, place)
  return { aws, client }
}

export type S3Library = typeof import('@aws-sdk/client-s3')
