import { stat } from 'node:fs/promises'
import path from 'node:path'
import { parseFtpAddress } from '../../../src/config/ftp-address.ts'
import { Secret } from '../../../src/config/secret.ts'
import { ftpsDestination } from '../../../src/destinations/ftps.ts'
import { systemClock } from '../../../src/system/clock.ts'

/** In a run it comes from the manifest; the bench's server can't compare it. */
const SHA256 = '0'.repeat(64)

/** Sends one file to the FTP server of `FTP_URL`, `FTP_USER`, `FTP_PASSWORD` and `FTP_CA_FILE`, for `scripts/bench upload`. */
async function sendFile(file: string): Promise<void> {
  const { FTP_URL = '', FTP_USER: user = '', FTP_PASSWORD = '', FTP_CA_FILE: caFile = '' } = process.env
  const address = parseFtpAddress(FTP_URL)
  if (address === null) throw new Error(`FTP_URL: ${FTP_URL}; expected ftp://host:port/`)
  const password = new Secret(FTP_PASSWORD)
  const access = { address, user, password, tls: 'required', caFile } as const
  await using destination = ftpsDestination({ name: 'ftp', ...access, retention: 'keep' }, { clock: systemClock })
  const source = { path: file, bytes: (await stat(file)).size, sha256: SHA256 }
  await destination.put({ name: path.basename(file), source }, new AbortController().signal)
}

await sendFile(process.argv[2] ?? '')
