import type { Settings } from '../config/settings.ts'
import type { Destination } from './destination.ts'
import { ftpsDestination } from './ftps.ts'
import { type RetryOptions, retrying } from './retrying.ts'
import { s3Destination } from './s3.ts'

/**
 * Every destination that the settings ask for, each with its retries; none of them connects before it is used. The caller
 * disposes of them.
 */
export function destinationsOf(settings: Pick<Settings, 'ftp' | 's3'>, options: RetryOptions): readonly Destination[] {
  const { ftp, s3 } = settings
  const { clock } = options
  const asked = [
    ...(ftp === null ? [] : [ftpsDestination(ftp, { clock })]),
    ...(s3 === null ? [] : [s3Destination(s3)]),
  ]
  return asked.map(destination => retrying(destination, options))
}
