import { basename } from 'node:path'
import { OperatorError } from '../errors.ts'

/** Which bytes of an archive were read, for a message: `the dump part`, `its gzip data`. */
export interface Place {
  readonly path: string
  readonly what: string
}

/** An archive whose gzip data is cut, damaged or followed by something else. `textBytes` came out of it before. */
export function damaged(place: Place, textBytes: number, logOnly: readonly string[] = []): OperatorError {
  return new OperatorError(
    'incomplete',
    `${basename(place.path)}: ${place.what} is damaged or cut behind about ${textBytes} bytes of its text; expected whole gzip data`,
    { hint: 'take another copy of it, or another archive', logOnly },
  )
}
