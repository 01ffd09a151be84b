import type { Settings } from '../../config/settings.ts'
import type { DestinationName } from '../../destinations/destination.ts'

/** Where copies go. */
export function destinationNames({ ftp, s3 }: Pick<Settings, 'ftp' | 's3'>): readonly DestinationName[] {
  return [...(ftp === null ? [] : ['ftp' as const]), ...(s3 === null ? [] : ['s3' as const])]
}
