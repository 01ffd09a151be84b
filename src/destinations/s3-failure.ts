import { OperatorError } from '../errors.ts'
import { BUSY, destinationFailure, full, type Meaning, SILENT } from './destination-failure.ts'

const KEYS: Meaning = { kind: 'authentication', found: 'the keys were refused', hint: 'check S3_USER and S3_PASSWORD' }
const NO_BUCKET: Meaning = {
  kind: 'configuration',
  found: 'there is no such bucket; expected one that exists',
  hint: 'make it, or set S3_CREATE_BUCKET=true',
}
const FORBIDDEN: Meaning = {
  kind: 'rights',
  found: 'these keys may not do that',
  hint: 'they need to list the bucket and to read, write and delete its objects',
}
const FULL = full('in the bucket')
const REGION: Meaning = { kind: 'configuration', found: 'the bucket is in another region', hint: 'check S3_REGION' }
const ELSEWHERE: Meaning = {
  kind: 'configuration',
  found: 'the server sends us elsewhere: the bucket is in another region, or the server has another address',
  hint: 'check S3_REGION, and S3_ENDPOINT: does it begin with https://, is it the host of that region?',
}

/** Amazon S3 API reference, "Error responses", and those of MinIO. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  InvalidAccessKeyId: KEYS,
  SignatureDoesNotMatch: KEYS,
  ExpiredToken: KEYS,
  InvalidToken: KEYS,
  NoSuchBucket: NO_BUCKET,
  AccessDenied: FORBIDDEN,
  AllAccessDisabled: FORBIDDEN,
  Forbidden: FORBIDDEN,
  QuotaExceeded: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  InsufficientStorage: FULL,
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  RequestTimeTooSkewed: {
    kind: 'configuration',
    found: 'the clocks of the two machines differ too much',
    hint: 'set the clock of this node, or of the server',
  },
  NoSuchKey: { kind: 'missing', found: 'there is no such object' },
  NotFound: { kind: 'missing', found: 'there is no such object' },
  TimeoutError: SILENT,
  RequestTimeout: SILENT,
  SlowDown: BUSY,
}

/** An error of the S3 client as an OperatorError that may leave the pod; anything it can't explain is a bug and stays as it is. */
export function s3Failure(place: string, step: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OperatorError) return error
  return destinationFailure(error, inRegion(regionIn(error)) ?? meaningOf(error), {
    place,
    step,
    answer: nameOf(error),
    said: error.message,
    caVariable: 'NODE_EXTRA_CA_CERTS',
  })
}

/** Whether the server said that there is no such object or bucket. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404
}

/** Whether the server refused without a word, or for lack of rights. */
export function isForbidden(error: unknown): boolean {
  return statusOf(error) === 403
}

function meaningOf(error: Error): Meaning | null {
  const known = MEANINGS[error.name]
  if (known !== undefined) return known
  const status = statusOf(error)
  if (status === null) return null
  // An answer to HEAD has no body, and so no name.
  if (status === 401 || status === 403) return FORBIDDEN
  if (status === 404) return MEANINGS.NoSuchKey ?? null
  if (status === 507) return FULL
  if (status >= 300 && status < 400) return ELSEWHERE
  return status >= 500 || status === 429 ? BUSY : { kind: 'server', found: `the server refused with status ${status}` }
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('$metadata' in error)) return null
  const { $metadata: metadata } = error
  const known = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
  return known && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null
}

/** The client calls an answer without a body `Unknown`, `UnknownError`, or by its number. */
function nameOf(error: Error): string {
  return /^[A-Z][A-Za-z]+$/.test(error.name) && !error.name.startsWith('Unknown')
    ? error.name
    : `status ${statusOf(error) ?? 'unknown'}`
}

const OF_ANOTHER_REGION: ReadonlySet<number> = new Set([301, 307, 400])

/** Amazon names the right region in a header of its refusal, also where the refusal has no body. */
function regionIn(error: Error): string | null {
  if (!OF_ANOTHER_REGION.has(statusOf(error) ?? 0) || !('$response' in error)) return null
  const { $response: response } = error as { readonly $response?: { readonly headers?: Record<string, string> } }
  const region = response?.headers?.['x-amz-bucket-region'] ?? ''
  return /^[a-z0-9-]{1,40}$/.test(region) ? region : null
}

function inRegion(region: string | null): Meaning | null {
  return region === null
    ? null
    : { ...REGION, found: `the bucket is in the region ${region}`, hint: `set S3_REGION=${region}` }
}
