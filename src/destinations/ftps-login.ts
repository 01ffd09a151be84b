import { isIP } from 'node:net'
import { type ConnectionOptions, getCACertificates } from 'node:tls'
import type { Client } from 'basic-ftp'
import type { FtpSettings } from '../config/destination-settings.ts'
import { OperatorError } from '../errors.ts'
import { readPlainFileSync } from '../system/plain-file.ts'
import { MOST_BYTES } from '../system/size-limits.ts'
import { rememberCommands } from './ftps-command.ts'
import { ftpFailure, replyCode } from './ftps-failure.ts'
import { MOST_LISTING_BYTES } from './ftps-list.ts'
import { untilAborted } from './until-aborted.ts'

const KEEPALIVE_AFTER_MS = 30_000

export interface LoginOptions {
  readonly place: string
  /** How long the server may be silent. */
  readonly timeoutMs: number
}

/**
 * A client that is logged in and stands in the folder of the copies, which is made if it is missing. Unless the settings
 * say `off`, nothing is sent before TLS is there, the password least of all. Rejects with an OperatorError; then, and
 * when the signal is aborted, the connection is closed.
 */
export async function logIn(settings: FtpSettings, options: LoginOptions, signal: AbortSignal): Promise<Client> {
  const where = { place: options.place, password: settings.password }
  const secureOptions = settings.tls === 'off' ? null : tlsOptions(settings)
  // Loading it takes time that `-h` must not pay.
  const { Client: FtpClient } = await import('basic-ftp')
  const client = new FtpClient(options.timeoutMs, {
    allowSeparateTransferHost: false,
    maxListingBytes: MOST_LISTING_BYTES,
  })
  rememberCommands(client)
  // basic-ftp has no time limit for the TLS handshake.
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs * 2)])
  try {
    await untilAborted(access(client, settings, secureOptions), bounded)
  } catch (error) {
    client.close()
    const beforeTls = settings.tls !== 'off' && !client.ftp.hasTLS
    throw signal.aborted ? signal.reason : ftpFailure(where, beforeTls ? 'start TLS' : 'log in', error)
  }
  try {
    await untilAborted(enterFolder(client, settings), signal)
    return client
  } catch (error) {
    client.close()
    throw signal.aborted ? signal.reason : ftpFailure(where, 'enter the folder', error)
  }
}

async function access(client: Client, settings: FtpSettings, secureOptions: ConnectionOptions | null): Promise<void> {
  const { address, user, password } = settings
  const secure = secureOptions === null ? false : address.tls === 'implicit' ? 'implicit' : true
  await client.access({
    host: address.host,
    port: address.port,
    user,
    password: password.reveal(),
    secure,
    ...(secureOptions === null ? {} : { secureOptions }),
  })
  // Its own PROT P ignores the answer.
  if (secure !== false) await client.send('PROT P')
  // A firewall forgets a connection on which nothing passes, and during a transfer nothing else does. NOOP is no way:
  // basic-ftp would take its answer for the end of the transfer, and servers answer it only after that.
  client.ftp.socket.setKeepAlive(true, KEEPALIVE_AFTER_MS)
}

function tlsOptions({ address, tls, caFile }: FtpSettings): ConnectionOptions {
  return {
    host: address.host,
    ...(isIP(address.host) === 0 ? { servername: address.host } : {}),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: tls !== 'insecure',
    // `ca` replaces the defaults, NODE_EXTRA_CA_CERTS among them.
    ...(caFile === null ? {} : { ca: [...getCACertificates('default'), readCertificates(caFile)] }),
  }
}

function readCertificates(file: string): string {
  try {
    return readPlainFileSync(file, { mostBytes: MOST_BYTES.certificates, links: 'follow' }).toString('utf8')
  } catch {
    throw new OperatorError('configuration', `FTP_CA_FILE: ${file} can't be read; expected certificates in PEM format`)
  }
}

async function enterFolder(client: Client, { address }: FtpSettings): Promise<void> {
  if (address.fromRoot) await client.cd('/')
  for (const folder of address.folders) {
    if (await enter(client, folder)) continue
    // Another pod may be making it too; what counts is whether it can be entered now.
    await client.send(`MKD ${folder}`).catch(ignoreReply)
    await client.cd(folder)
  }
}

/** False if the server refuses, most likely because there is no such folder. */
async function enter(client: Client, folder: string): Promise<boolean> {
  return await client.cd(folder).then(
    () => true,
    error => ignoreReply(error) ?? false,
  )
}

function ignoreReply(error: unknown): undefined {
  if (replyCode(error) === null) throw error
  return undefined
}
