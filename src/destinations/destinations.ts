import { DESTINATIONS, type DestinationName, type DestinationSettings } from '../config/destination-settings.ts'
import type { Settings } from '../config/settings.ts'
import { OperatorError } from '../errors.ts'
import type { Destination } from './destination.ts'
import { ftpsDestination } from './ftps.ts'
import { type RetryOptions, retrying } from './retrying.ts'
import { s3Destination } from './s3.ts'
import { sftpDestination } from './sftp/sftp.ts'

/** A destination with its retries. It does not connect before it is used. The caller disposes of it. */
export function openDestination(settings: DestinationSettings, options: DestinationOptions): Destination {
  return retrying(destinationOf(settings, options), options)
}

export interface DestinationOptions extends RetryOptions {
  /** Of this process; a program that a destination starts gets little of it. */
  readonly env: Readonly<Record<string, string | undefined>>
}

function destinationOf(settings: DestinationSettings, options: DestinationOptions): Destination {
  switch (settings.name) {
    case 'ftp':
      return ftpsDestination(settings, options)
    case 's3':
      return s3Destination(settings)
    case 'sftp':
      return sftpDestination(settings, options)
  }
}

/** The one that `--from` names. Throws an OperatorError of kind `configuration` when it is not set. */
export function openDestinationNamed(
  name: DestinationName,
  { destinations }: Pick<Settings, 'destinations'>,
  { clock, env }: Pick<DestinationOptions, 'clock' | 'env'>,
): Destination {
  const settings = destinations.find(each => each.name === name)
  if (settings !== undefined) return openDestination(settings, { clock, env })
  const text = `--from ${name}: ${DESTINATIONS[name].variable} is not set, or cannot be used; expected a destination`
  throw new OperatorError('configuration', text, { hint: 'backup -c shows what is set, and what is wrong with it' })
}
