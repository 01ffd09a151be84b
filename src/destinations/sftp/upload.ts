import type { Readable } from 'node:stream'
import { REPLY, REQUEST } from './packet.ts'
import type { SftpSession } from './session.ts'

/** How much may be under way. It is twice what ssh lets pass before the other side has to ask for more. */
const WINDOW_BYTES = 4 * 2 ** 20

/**
 * How far back an upload begins that goes on: a server may have written what came later of what was under way, and not
 * what came before.
 */
export const REPEATED_BYTES = WINDOW_BYTES

export interface ContentToSend {
  readonly handle: Buffer
  readonly source: Readable
  /** Where the first byte of the source belongs. */
  readonly start: number
  /** Called with the bytes of the file that the server has by now. */
  readonly onProgress: (bytes: number) => void
}

/** Writes all of a source into an open file. After a rejection nothing of it is under way any more, unless the session is over. */
export async function sendContent(
  session: SftpSession,
  { handle, source, start, onProgress }: ContentToSend,
): Promise<void> {
  const mostBytes = await mostBytesOfWrite(session)
  const underWay: Promise<number>[] = []
  let offset = start
  const settleOne = async (): Promise<void> => {
    const end = await underWay.shift()
    if (end !== undefined) onProgress(end)
  }
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += mostBytes) {
        while (underWay.length * mostBytes >= WINDOW_BYTES) await settleOne()
        const data = chunk.subarray(at, at + mostBytes)
        const written = writeRemote(session, handle, { offset, data })
        written.catch(() => {})
        underWay.push(written)
        offset += data.length
      }
    }
    while (underWay.length > 0) await settleOne()
  } finally {
    await Promise.allSettled(underWay)
  }
}

/** Resolves with where it ends. */
async function writeRemote(
  session: SftpSession,
  handle: Buffer,
  { offset, data }: { readonly offset: number; readonly data: Buffer },
): Promise<number> {
  const fields = [{ text: handle }, { u64: offset }]
  await session.ask({ type: REQUEST.write, fields, data, answer: REPLY.status })
  return offset + data.length
}

/** The most bytes that one write may hold. Every server takes 32 KiB; OpenSSH's says what else it takes. */
async function mostBytesOfWrite(session: SftpSession): Promise<number> {
  if (!session.extensions.has('limits@openssh.com')) return LEAST_WRITE_BYTES
  const reader = await session.ask({
    type: REQUEST.extended,
    fields: [{ text: 'limits@openssh.com' }],
    answer: REPLY.extended,
  })
  const [, , mostOfWrite = 0] = Array.from({ length: 3 }, () => reader.u64())
  return Math.max(LEAST_WRITE_BYTES, Math.min(mostOfWrite, MOST_WRITE_BYTES))
}

const LEAST_WRITE_BYTES = 32_768
const MOST_WRITE_BYTES = 131_072
