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
  const [name = '', ...folders] = partsOf(bucket ?? '')
  const path = [...folders, ...partsOf(prefix ?? '')].map(part => `${part}/`).join('')
  return { bucket: name === '' ? null : name, prefix: path }
}

/** What is wrong, or not usual, about the address of a server. */
export function endpointProblems(endpoint: string, bucket: string | null): readonly Problem[] {
  const { protocol, pathname } = new URL(endpoint)
  const clear = protocol === 'http:' ? ['http: copies travel in clear text; expected https'] : []
  return [...clear.map(warning), ...pathProblems(partsOf(pathname), bucket)]
}

/** Some servers have a path, and it is used; but most often it is the bucket, which then stands in it twice. */
function pathProblems(path: readonly string[], bucket: string | null): readonly Problem[] {
  if (path.length === 0) return []
  const shown = `has a path, /${path.join('/')}`
  if (bucket !== null && path.includes(bucket)) {
    const text = `${shown}, with the bucket in it; expected https://host[:port], as S3_BUCKET names the bucket`
    return [
      {
        severity: 'problem',
        place: 'S3_ENDPOINT',
        text,
        hint: 'no copies are sent to S3; a folder belongs into S3_PREFIX',
      },
    ]
  }
  return [warning(`${shown}, which comes before the bucket in every request; expected https://host[:port]`)]
}

function warning(text: string): Problem {
  return { severity: 'warning', place: 'S3_ENDPOINT', text }
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter(part => part !== '')
}
