import type { Problem } from './problem.ts'

/** A bucket, and where in it the copies lie: empty, or ends in a slash. */
export interface BucketAddress {
  readonly bucket: string | null
  readonly prefix: string
}

/**
 * What S3_BUCKET and S3_PREFIX say together. `bucket/folder` is how the bash tool was told of a folder; the prefix then
 * lies in it. Null where no name of a bucket is left.
 */
export function readBucket(bucket: string | null, prefix: string | null): BucketAddress {
  const [name = '', ...folders] = partsOf(bucket?.trim() ?? '')
  const path = [...folders, ...partsOf(prefix ?? '')].map(part => `${part}/`).join('')
  return { bucket: name === '' ? null : name, prefix: path }
}

/** What of a bucket and a prefix no server could mean, or would read as another place. The value may be a secret put astray. */
export function bucketProblems({ bucket, prefix }: BucketAddress): readonly Problem[] {
  const isName = bucket === null || BUCKET.test(bucket)
  const leadsAway = prefix.split('/').some(part => part === '.' || part === '..' || CONTROL.test(part))
  return [
    ...(isName
      ? []
      : [problem('S3_BUCKET', 'no name of a bucket; expected letters, digits, ".", "_" and "-", and perhaps /folder')]),
    ...(leadsAway
      ? [problem('S3_BUCKET, S3_PREFIX', 'a folder "." or "..", or a control character; expected names of folders')]
      : []),
  ]
}

/** Servers that are not Amazon's, and old buckets there, have capitals and "_"; one of a tenant has a colon. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/
const CONTROL = /\p{Cc}/u

/** What is wrong, or not usual, about the address of a server. */
export function endpointProblems(endpoint: string, bucket: string | null): readonly Problem[] {
  const { protocol, pathname, hostname } = new URL(endpoint)
  const clear = protocol === 'http:' ? ['http: copies travel in clear text; expected https'] : []
  return [...[...clear, ...hostWarnings(hostname, bucket)].map(warning), ...pathProblems(partsOf(pathname), bucket)]
}

/** As consoles show the address of a bucket: the copies then lie in a folder that is called like it. Some server may be. */
function hostWarnings(hostname: string, bucket: string | null): readonly string[] {
  if (bucket === null || !hostname.startsWith(`${bucket.toLowerCase()}.s3`)) return []
  return [`${hostname} begins with the bucket; expected the host alone, as S3_BUCKET names the bucket`]
}

/** Some servers have a path, and it is used; but most often it is the bucket, which then stands in it twice. */
function pathProblems(path: readonly string[], bucket: string | null): readonly Problem[] {
  if (path.length === 0) return []
  const shown = `has a path, /${path.join('/')}`
  if (bucket !== null && path.includes(bucket)) {
    const text = `${shown}, with the bucket in it; expected https://host[:port], as S3_BUCKET names the bucket`
    return [problem('S3_ENDPOINT', text, '; a folder belongs into S3_PREFIX')]
  }
  return [warning(`${shown}, which comes before the bucket in every request; expected https://host[:port]`)]
}

function problem(place: string, text: string, more = ''): Problem {
  return { severity: 'problem', place, text, hint: `no copies are sent to S3${more}` }
}

function warning(text: string): Problem {
  return { severity: 'warning', place: 'S3_ENDPOINT', text }
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter(part => part !== '')
}
