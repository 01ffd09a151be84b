import type { Readable, Writable } from 'node:stream'
import {
  type Field,
  FieldReader,
  fieldBytes,
  ProtocolFault,
  packetCutter,
  REPLY,
  REQUEST,
  SFTP_VERSION,
  u32,
} from './packet.ts'
import { SftpRefusal, STATUS } from './status.ts'

/** The two ends of a running `ssh -s … sftp`. */
export interface SessionStreams {
  readonly input: Writable
  readonly output: Readable
}

/** What a request is about. */
export interface Request {
  readonly type: number
  readonly fields: readonly Field[]
  /** Bytes at its end, which are not copied. */
  readonly data?: Buffer
  /** The type of a good answer. */
  readonly answer: number
  /** How long the server may be silent; what the session has. */
  readonly patienceMs?: number
}

/** A conversation with an SFTP server. Requests may be sent before the answers to others are there. */
export interface SftpSession {
  /** Names and values of what the server can do besides. */
  readonly extensions: ReadonlyMap<string, string>
  readonly isOver: boolean
  /** The answer, behind its number. Rejects with an SftpRefusal, and with anything else where the session is over. */
  ask(request: Request): Promise<FieldReader>
  /** Ends it; what waits for an answer rejects. */
  end(reason: Error): void
}

/** The server did not answer in time. */
export class SilentServer extends Error {}

/** The conversation ended, and nobody said why: ssh may have. */
export class SessionLost extends Error {}

interface Waiting {
  readonly patienceMs: number
  settle(outcome: FieldReader | Error): void
  readonly answer: number
}

/** How long a server may be silent: before its first word, and later. */
export interface Patience {
  readonly beginMs: number
  readonly patienceMs: number
}

/** Begins a conversation, and resolves when the server has said its version. */
export async function beginSession(
  { input, output }: SessionStreams,
  { beginMs, patienceMs }: Patience,
): Promise<SftpSession> {
  const waiting = new Map<number, Waiting>()
  const version = Promise.withResolvers<ReadonlyMap<string, string>>()
  let over: Error | null = null
  let hasVersion = false
  let lastId = 0
  let timer: NodeJS.Timeout | undefined

  const end = (reason: Error): void => {
    if (over !== null) return
    over = reason
    clearTimeout(timer)
    version.reject(reason)
    for (const each of waiting.values()) each.settle(reason)
    waiting.clear()
    input.destroy()
    output.destroy()
  }
  const watch = (): void => {
    clearTimeout(timer)
    if (over !== null || (hasVersion && waiting.size === 0)) return
    const longest = hasVersion ? Math.max(...[...waiting.values()].map(each => each.patienceMs)) : beginMs
    timer = setTimeout(() => end(new SilentServer('no answer')), longest)
  }
  const take = (packet: Buffer): void => {
    const type = packet[0]
    const reader = new FieldReader(packet.subarray(1))
    if (!hasVersion) {
      version.resolve(versionOf(type, reader))
      hasVersion = true
      return
    }
    const id = reader.u32()
    const asked = waiting.get(id)
    if (asked === undefined) throw new ProtocolFault('an answer to nothing; expected one to a request')
    waiting.delete(id)
    asked.settle(outcomeOf(type, reader, asked.answer))
  }
  const listen = async (): Promise<void> => {
    const cut = packetCutter()
    for await (const chunk of output) {
      for (const packet of cut(chunk as Buffer)) take(packet)
      watch()
    }
    throw new SessionLost('the end of the conversation')
  }

  // What breaks on the way out also ends what comes in, and that says more.
  input.on('error', () => {})
  listen().catch((error: unknown) => end(error instanceof Error ? error : new SessionLost(String(error))))
  watch()
  send(input, REQUEST.init, [u32(SFTP_VERSION)])
  const extensions = await version.promise
  return {
    extensions,
    get isOver() {
      return over !== null
    },
    async ask({ type, fields, data, answer, patienceMs: own = patienceMs }) {
      if (over !== null) throw over
      lastId = (lastId + 1) % 2 ** 32
      const { promise, resolve, reject } = Promise.withResolvers<FieldReader>()
      const settle = (outcome: FieldReader | Error): void =>
        outcome instanceof Error ? reject(outcome) : resolve(outcome)
      waiting.set(lastId, { patienceMs: own, answer, settle })
      const head = fieldBytes([{ u32: lastId }, ...fields])
      send(input, type, data === undefined ? [head] : [head, u32(data.length), data])
      watch()
      return await promise
    },
    end,
  }
}

function send(input: Writable, type: number, parts: readonly Buffer[]): void {
  const length = 1 + parts.reduce((sum, part) => sum + part.length, 0)
  input.cork()
  input.write(Buffer.concat([u32(length), Buffer.from([type])]))
  for (const part of parts) input.write(part)
  input.uncork()
}

function versionOf(type: number | undefined, reader: FieldReader): ReadonlyMap<string, string> {
  if (type !== REPLY.version) throw new ProtocolFault('an answer of another kind; expected the version of the server')
  const version = reader.u32()
  if (version < SFTP_VERSION) throw new ProtocolFault(`SFTP version ${version}; expected ${SFTP_VERSION}`)
  const extensions = new Map<string, string>()
  while (!reader.isAtEnd) extensions.set(reader.text(), reader.text())
  return extensions
}

/** A fault stays with the request that it answers; whoever asked gives up. */
function outcomeOf(type: number | undefined, reader: FieldReader, expected: number): FieldReader | Error {
  if (type === REPLY.status) {
    const code = reader.u32()
    if (expected === REPLY.status && code === STATUS.ok) return reader
    return new SftpRefusal(code, reader.isAtEnd ? '' : reader.text())
  }
  return type === expected ? reader : new ProtocolFault('an answer of another kind; expected that of its request')
}
