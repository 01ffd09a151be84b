const NOTHING = Buffer.alloc(0)
const ZERO = Buffer.from([0])

/** `Query`: one text, which may hold several statements; the server answers all of them. */
export function queryMessage(text: Buffer): Buffer {
  return message('Q', text, ZERO)
}

/**
 * `Parse`, `Bind`, `Execute` and `Sync` of an unnamed statement without parameters: the server itself refuses a text that
 * holds more than one statement.
 */
export function singleStatementMessages(text: Buffer): Buffer {
  return statementsMessages([text])
}

/**
 * The same for several, each a message of its own, with one `Sync` at their end: one transaction, where none is open; after
 * a refusal the server passes over the rest.
 */
export function statementsMessages(texts: readonly Buffer[]): Buffer {
  return Buffer.concat([
    ...texts.flatMap(text => [message('P', ZERO, text, ZERO, int16(0)), RUN]),
    message('S', NOTHING),
  ])
}

/** The head of a `CopyData` message that carries this many bytes. */
export function copyDataHead(bytes: number): Buffer {
  return Buffer.concat([Buffer.from('d'), int32(bytes + 4)])
}

/** Binds the unnamed statement and runs it. */
const RUN = Buffer.concat([message('B', ZERO, ZERO, int16(0), int16(0), int16(0)), message('E', ZERO, int32(0))])

export const COPY_DONE = message('c', NOTHING)

export const COPY_FAIL = message('f', Buffer.from('no data\0'))

function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  return Buffer.concat([Buffer.from(type), int32(length), ...parts])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
