import { DESTINATIONS, type DestinationName, type DestinationSettings } from '../config/destination-settings.ts'
import type { Settings } from '../config/settings.ts'
import { OperatorError } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import type { Destination } from './destination.ts'
import { ftpsDestination } from './ftps.ts'
import { type RetryOptions, retrying } from './retrying.ts'
import { s3Destination } from './s3.ts'

/** A destination with its retries. It does not connect before it is used. The caller disposes of it. */
export function openDestination(settings: DestinationSettings, options: RetryOptions): Destination {
  return retrying(destinationOf(settings, options.clock), options)
}

function destinationOf(settings: DestinationSettings, clock: Clock): Destination {
  switch (settings.name) {
    case 'ftp':
      return ftpsDestination(settings, { clock })
    case 's3':
      return s3Destination(settings)
  }
}

/** The one that `--from` names. Throws an OperatorError of kind `configuration` when it is not set. */
export function openDestinationNamed(
  name: DestinationName,
  { destinations }: Pick<Settings, 'destinations'>,
  { clock }: Pick<RetryOptions, 'clock'>,
): Destination {
  const settings = destinations.find(each => each.name === name)
  if (settings !== undefined) return openDestination(settings, { clock })
  const text = `--from ${name}: ${DESTINATIONS[name].variable} is not set, or cannot be used; expected a destination`
  throw new OperatorError('configuration', text, { hint: 'backup -c shows what is set, and what is wrong with it' })
}
