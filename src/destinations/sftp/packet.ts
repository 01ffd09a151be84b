/** Types of packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), which every server speaks. */
export const REQUEST = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  stat: 17,
  rename: 18,
  extended: 200,
} as const

export const REPLY = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 201,
} as const

/** The version that is spoken. */
export const SFTP_VERSION = 3

/** The longest packet that is taken. Servers send up to 256 KiB; what names a longer one is no SFTP server. */
const MOST_PACKET_BYTES = 1_048_576

/** What stands in a packet: an unsigned number of 4 or 8 bytes, or a string with its length before it. */
export type Field = { readonly u32: number } | { readonly u64: number } | { readonly text: string | Buffer }

/** Fields one after the other. */
export function fieldBytes(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap(bytesOf))
}

function bytesOf(field: Field): readonly Buffer[] {
  if ('u32' in field) return [u32(field.u32)]
  if ('u64' in field) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64BE(BigInt(field.u64))
    return [bytes]
  }
  const text = Buffer.from(field.text)
  return [u32(text.length), text]
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** What the other side sent is no SFTP. `message` is `<what was found>; expected <what>`. */
export class ProtocolFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProtocolFault'
  }
}

/** Reads fields from the beginning of a packet on. Each throws a ProtocolFault where it does not stand there. */
export class FieldReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  u32(): number {
    return this.#take(4).readUInt32BE()
  }

  /** A size. One that no file can have is a fault. */
  u64(): number {
    const value = Number(this.#take(8).readBigUInt64BE())
    if (!Number.isSafeInteger(value))
      throw new ProtocolFault(`a size of ${value} bytes; expected one that a file can have`)
    return value
  }

  bytes(): Buffer {
    return this.#take(this.u32())
  }

  text(): string {
    return this.bytes().toString('utf8')
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new ProtocolFault('a packet that is cut short; expected all of its fields')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}

/** One file or folder, as far as the server says it. */
export interface Attributes {
  readonly bytes: number | null
  /** Kind and rights, as in `st_mode`. */
  readonly mode: number | null
}

const HAS = { size: 0x1, owner: 0x2, mode: 0x4, times: 0x8, more: 0x8000_0000 } as const

export function readAttributes(reader: FieldReader): Attributes {
  const flags = reader.u32()
  const has = (flag: number): boolean => (flags & flag) !== 0
  const bytes = has(HAS.size) ? reader.u64() : null
  for (const _ of has(HAS.owner) ? [0, 1] : []) reader.u32()
  const mode = has(HAS.mode) ? reader.u32() : null
  for (const _ of has(HAS.times) ? [0, 1] : []) reader.u32()
  for (let left = has(HAS.more) ? reader.u32() * 2 : 0; left > 0; left -= 1) reader.bytes()
  return { bytes, mode }
}

/** What is said of a file that is made. */
export function modeField(mode: number): readonly Field[] {
  return [{ u32: HAS.mode }, { u32: mode }]
}

/** Cuts a stream of bytes into packets. */
export function packetCutter(): (chunk: Buffer) => readonly Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return chunk => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const packets: Buffer[] = []
    while (rest.length >= 4) {
      const length = rest.readUInt32BE()
      if (length < 1 || length > MOST_PACKET_BYTES) throw new ProtocolFault(NO_SFTP)
      if (rest.length < 4 + length) break
      packets.push(rest.subarray(4, 4 + length))
      rest = rest.subarray(4 + length)
    }
    return packets
  }
}

const NO_SFTP = 'an answer that is no SFTP; expected an SFTP server, whose login prints nothing'
