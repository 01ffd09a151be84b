import { ProtocolFault, REPLY, REQUEST } from './packet.ts'
import type { SftpSession } from './session.ts'
import { SftpRefusal, STATUS } from './status.ts'

const READ_BYTES = 32_768
/** How many reads are under way. Fewer would wait for the way there and back. */
const AHEAD = 64

interface Piece {
  readonly offset: number
  readonly length: number
}

interface PieceUnderWay extends Piece {
  readonly data: Promise<Buffer | null>
}

/** The bytes of an open file in their order: `bytes`, fewer where it ends before, and the next one where it does not end there. */
export async function* contentOf(
  session: SftpSession,
  { handle, bytes }: { readonly handle: Buffer; readonly bytes: number },
): AsyncGenerator<Buffer> {
  const ahead: PieceUnderWay[] = []
  // One byte more than it should have.
  const end = bytes + 1
  let asked = 0
  for (;;) {
    while (ahead.length < AHEAD && asked < end) {
      const piece = { offset: asked, length: Math.min(READ_BYTES, end - asked) }
      const data = readRemote(session, handle, piece)
      data.catch(() => {})
      ahead.push({ ...piece, data })
      asked += piece.length
    }
    const next = ahead.shift()
    if (next === undefined) return
    if (yield* wholePiece(session, handle, next)) return
  }
}

/** All of a piece, whatever the server gives at once; true where the file ends in it. */
async function* wholePiece(
  session: SftpSession,
  handle: Buffer,
  { offset, length, data }: PieceUnderWay,
): AsyncGenerator<Buffer, boolean> {
  let got = 0
  for (let bytes = await data; bytes !== null; ) {
    yield bytes
    got += bytes.length
    if (got === length) return false
    bytes = await readRemote(session, handle, { offset: offset + got, length: length - got })
  }
  return true
}

/** Asks for bytes of a file: those that are there, at least one; null at its end. */
async function readRemote(session: SftpSession, handle: Buffer, { offset, length }: Piece): Promise<Buffer | null> {
  try {
    const fields = [{ text: handle }, { u64: offset }, { u32: length }]
    const data = (await session.ask({ type: REQUEST.read, fields, answer: REPLY.data })).bytes()
    if (data.length >= 1 && data.length <= length) return data
    throw new ProtocolFault(`${data.length} bytes for a read of ${length}; expected some of them`)
  } catch (error) {
    if (error instanceof SftpRefusal && error.code === STATUS.endOfFile) return null
    throw error
  }
}
