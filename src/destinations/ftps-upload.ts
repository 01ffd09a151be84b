import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TLSSocket } from 'node:tls'
import type { Client } from 'basic-ftp'
import { replyCode } from './ftps-failure.ts'
import { untilAborted } from './until-aborted.ts'

/** How long a server may take to say why it closed the data connection. */
const REASON_MS = 3_000

type DataSocket = NonNullable<Client['ftp']['dataSocket']>

export interface Upload {
  /** `STOR name`, or `APPE name` to go on. */
  readonly command: string
  readonly source: Readable
  /** Called with the bytes of this upload that were handed over so far. */
  readonly onSent: (bytes: number) => void
}

/**
 * What basic-ftp's `uploadFrom` does, but for one thing: a server that is full closes the data connection, and says why
 * on the control connection a moment later. basic-ftp closes both as soon as the first one breaks, and the reason is lost.
 */
export async function upload(client: Client, { command, source, onSent }: Upload): Promise<void> {
  const { ftp } = client
  await client.prepareTransfer(ftp)
  const data = ownDataSocket(client)
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const reply = ftp.handle(command, (answer, task) => {
    if (answer instanceof Error) task.reject(answer)
    else if (answer.code === 125 || answer.code === 150) begin()
    else if (answer.code >= 200) task.resolve(answer)
  })
  try {
    await Promise.race([begun, reply])
    // From here on it is the data connection that must not fall silent.
    ftp.socket.setTimeout(0)
    await Promise.race([send(data, { source, onSent, timeoutMs: ftp.timeout }), rejectionOf(reply)])
    ftp.socket.setTimeout(ftp.timeout)
    await reply
  } catch (error) {
    throw replyCode(error) === null ? await reasonFor(error, reply) : error
  } finally {
    data.destroy()
    ftp.dataSocket = undefined
  }
}

/** basic-ftp's own listeners would end the conversation with the first error. */
function ownDataSocket({ ftp }: Client): DataSocket {
  const data = ftp.dataSocket
  if (data === undefined) throw new Error('basic-ftp opened no data connection')
  data.removeAllListeners('error').removeAllListeners('close')
  return data.on('error', () => {})
}

async function send(
  data: DataSocket,
  { source, onSent, timeoutMs }: Omit<Upload, 'command'> & { readonly timeoutMs: number },
): Promise<void> {
  data.setTimeout(timeoutMs, () => data.destroy(new Error('Timeout (data socket)')))
  // Before that the certificate is not verified.
  if (data instanceof TLSSocket && isInHandshake(data))
    await Promise.race([once(data, 'secureConnect'), once(data, 'close')])
  let sent = 0
  const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      yield chunk
      sent += chunk.length
      onSent(sent)
    }
  }
  await pipeline(source, counted, data)
}

/** Until the end of the handshake there is no cipher, whatever the types say. */
function isInHandshake(data: TLSSocket): boolean {
  const cipher: unknown = data.getCipher()
  return !data.destroyed && cipher === undefined
}

/** Rejects when the reply does, and otherwise waits for ever. */
async function rejectionOf(reply: Promise<unknown>): Promise<never> {
  await reply
  return await new Promise<never>(() => {})
}

/** What the server says about a data connection that broke, else the break itself. */
async function reasonFor(broken: unknown, reply: Promise<unknown>): Promise<unknown> {
  const reason: unknown = await untilAborted(reply, AbortSignal.timeout(REASON_MS)).catch((error: unknown) => error)
  return replyCode(reason) === null ? broken : reason
}
