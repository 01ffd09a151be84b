import type { FtpSettings } from '../config/destination-settings.ts'
import { ftpAddressText } from '../config/ftp-address.ts'
import { OperatorError } from '../errors.ts'
import type { Clock } from '../system/clock.ts'
import { type Destination, nameOfTemporary, type RemoteFile } from './destination.ts'
import { createFtpLine } from './ftps-line.ts'
import { listFolder } from './ftps-list.ts'
import { renameIntoPlace, sendFile, sizeOf } from './ftps-put.ts'
import { openPutSource } from './put-source.ts'
import { receiveFile } from './received-file.ts'

const TIMEOUT_MS = 30_000

export interface FtpsParts {
  readonly clock: Clock
  /** How long the server may be silent; 30 s. */
  readonly timeoutMs?: number
}

/**
 * A folder on an FTP server, over TLS unless the settings say otherwise. One control connection, which stays open
 * between two calls; a half-sent file is continued. The SHA-256 is compared where the server knows XSHA256.
 */
export function ftpsDestination(settings: FtpSettings, { clock, timeoutMs = TIMEOUT_MS }: FtpsParts): Destination {
  const place = ftpAddressText(settings.address)
  const line = createFtpLine(settings, { place, timeoutMs, clock })
  return {
    name: settings.name,
    place,
    async put(put, signal) {
      const source = await openPutSource(put.source)
      const task = { put, source, place }
      await line.use('send', client => sendFile(client, task), signal)
      await line.use('publish', client => renameIntoPlace(client, task), signal)
    },
    async list(signal) {
      const found = await line.use('list', client => listFolder(client, place), signal)
      const files = found.filter(file => file.isFile).map(file => remoteFile(file.name, file.size))
      return files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
    async get(file, signal) {
      return await line.use(
        'fetch',
        async client => {
          const { name } = file
          const bytes = await sizeOf(client, name)
          if (bytes === null) throw new OperatorError('missing', `${place}: no file ${name}; expected one of its files`)
          return await receiveFile({ ...file, bytes, place }, into => client.downloadTo(into, name))
        },
        signal,
      )
    },
    async remove(name, signal) {
      await line.use(
        'remove',
        async client => {
          if ((await sizeOf(client, name)) !== null) await client.remove(name)
        },
        signal,
      )
    },
    async [Symbol.asyncDispose]() {
      await line[Symbol.asyncDispose]()
    },
  }
}

function remoteFile(name: string, bytes: number): RemoteFile {
  return { name, bytes, state: nameOfTemporary(name) === null ? 'published' : 'partial' }
}
