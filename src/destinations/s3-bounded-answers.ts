import { Readable, Transform } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { OperatorError } from '../errors.ts'

/** An answer that is no object is kept in memory as a whole: a page of a thousand names of a kilobyte is 2 MB, an error a few lines. */
const MOST_ANSWER_BYTES = 16 * 2 ** 20

/** From now on no answer of the server but the content of an object is longer than 16 MiB; a longer one is an error of kind `server`. */
export function boundAnswers(client: S3Client, place: string): void {
  client.middlewareStack.add(
    (next, context) => async args => {
      const result = await next(args)
      const isObject = context.commandName === 'GetObjectCommand' && statusOf(result.response) < 300
      if (!isObject) boundBody(result.response, place)
      return result
    },
    // Next to the network: before anything reads the body.
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  )
}

function statusOf(response: unknown): number {
  const known = typeof response === 'object' && response !== null && 'statusCode' in response
  return known && typeof response.statusCode === 'number' ? response.statusCode : 0
}

function boundBody(response: unknown, place: string): void {
  if (typeof response !== 'object' || response === null || !('body' in response)) return
  const { body } = response
  if (body instanceof Readable) response.body = bounded(body, place)
}

function bounded(body: Readable, place: string): Readable {
  let bytes = 0
  const limit = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes > MOST_ANSWER_BYTES) done(tooLong(place))
      else done(null, chunk)
    },
  })
  body.on('error', error => limit.destroy(error))
  limit.on('close', () => body.destroy())
  return body.pipe(limit)
}

function tooLong(place: string): OperatorError {
  return new OperatorError(
    'server',
    `${place}: an answer of the server is longer than ${MOST_ANSWER_BYTES / 2 ** 20} MiB; expected a page of names, or an error`,
  )
}
