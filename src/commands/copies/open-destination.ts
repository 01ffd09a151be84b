import type { CopyPlace } from '../../cli.ts'
import type { Destination } from '../../destinations/destination.ts'
import { destinationsOf } from '../../destinations/destinations.ts'
import { OperatorError } from '../../errors.ts'
import type { Context } from '../context.ts'

/** The destination that `--from` names. Throws an OperatorError of kind `configuration` when it is not set. */
export function openDestination(
  { configuration, clock }: Pick<Context, 'configuration' | 'clock'>,
  from: CopyPlace,
): Destination {
  const [destination] = destinationsOf({ ftp: null, s3: null, [from]: configuration.settings[from] }, { clock })
  if (destination !== undefined) return destination
  const variable = from === 'ftp' ? 'FTP_URL' : 'S3_ENDPOINT'
  throw new OperatorError(
    'configuration',
    `--from ${from}: ${variable} is not set, or cannot be used; expected a destination`,
    {
      hint: 'backup -c shows what is set, and what is wrong with it',
    },
  )
}
