import { Buffer } from 'node:buffer'
import {
  type Field,
  FieldReader,
  fieldBytes,
  packetCutter,
  REPLY,
  REQUEST,
  u32,
} from '../../src/destinations/sftp/packet.ts'

/** How it lies: the words after which `lyingSsh` is called. */
export type Lie =
  | 'longer than it says'
  | 'shorter than it says'
  | 'another size than was sent'
  | 'more than was asked for'
  | 'nothing for a read'
  | 'a name that leads out'
  | 'a listing without end'
  | 'pages with nothing in them'
  | 'no answer'
  | 'no version'
  | 'a greeting'
  | 'a huge packet'
  | 'an answer to nothing'
  | 'an answer of another kind'
  | 'full without a word'

const [lie = ''] = process.argv.slice(2)
let pages = 0

function reply(type: number, fields: readonly Field[]): void {
  const body = Buffer.concat([Buffer.from([type]), fieldBytes(fields)])
  process.stdout.write(Buffer.concat([u32(body.length), body]))
}

function status(id: number, code: number): void {
  reply(REPLY.status, [{ u32: id }, { u32: code }, { text: 'Failure' }, { text: '' }])
}

function size(id: number, bytes: number): void {
  reply(REPLY.attributes, [{ u32: id }, { u32: 1 }, { u64: bytes }])
}

function names(id: number, list: readonly string[]): void {
  const each = list.flatMap(name => [{ text: name }, { text: `-rw- ${name}` }, { u32: 1 }, { u64: 10 }])
  reply(REPLY.name, [{ u32: id }, { u32: list.length }, ...each])
}

const ANSWERS: Readonly<Record<number, (id: number, rest: FieldReader) => void>> = {
  [REQUEST.stat]: id => {
    if (lie === 'an answer to nothing') size(id + 1000, 1)
    else if (lie === 'an answer of another kind') reply(REPLY.handle, [{ u32: id }, { text: 'h' }])
    else size(id, 1000)
  },
  [REQUEST.open]: id => reply(REPLY.handle, [{ u32: id }, { text: 'h' }]),
  [REQUEST.opendir]: id => reply(REPLY.handle, [{ u32: id }, { text: 'h' }]),
  [REQUEST.read]: (id, rest) => {
    rest.bytes()
    const offset = rest.u64()
    const length = rest.u32()
    if (lie === 'shorter than it says' && offset > 0) status(id, 1)
    else if (lie === 'shorter than it says') reply(REPLY.data, [{ u32: id }, { text: 'short' }])
    else if (lie === 'nothing for a read') reply(REPLY.data, [{ u32: id }, { text: '' }])
    else
      reply(REPLY.data, [{ u32: id }, { text: Buffer.alloc(lie === 'more than was asked for' ? length + 1 : length) }])
  },
  [REQUEST.readdir]: id => {
    pages += 1
    if (lie === 'pages with nothing in them') names(id, [])
    else if (lie === 'a listing without end')
      names(
        id,
        Array.from({ length: 1000 }, (_, at) => `file-${pages}-${at}`),
      )
    else if (pages === 1) names(id, ['honest.sql.gz', '../../../../tmp/planted'])
    else status(id, 1)
  },
  [REQUEST.write]: id => status(id, lie === 'full without a word' ? 4 : 0),
  [REQUEST.extended]: id => reply(REPLY.extended, [{ u32: id }, ...[4096, 4096, 100, 0, 0].map(u64 => ({ u64 }))]),
}

function take(packet: Buffer): void {
  const rest = new FieldReader(packet.subarray(1))
  if (packet[0] === REQUEST.init) {
    if (lie === 'a greeting') process.stdout.write('Welcome to the machine of the accounting department\n')
    else if (lie === 'a huge packet') process.stdout.write(u32(0xffff_fff0))
    else if (lie !== 'no version') {
      const can = lie === 'full without a word' ? [{ text: 'statvfs@openssh.com' }, { text: '2' }] : []
      reply(REPLY.version, [{ u32: 3 }, ...can])
    }
    return
  }
  const id = rest.u32()
  if (lie === 'no answer') return
  const answer = ANSWERS[packet[0] ?? 0]
  if (answer === undefined) status(id, 0)
  else answer(id, rest)
}

const cut = packetCutter()
process.stdin.on('data', (chunk: Buffer) => cut(chunk).forEach(take))
process.stdin.on('end', () => process.exit())
