import { DumpScanner, type Unfinished } from '../../../../src/sources/postgres/sql/dump-scanner.ts'

/** What the scanner told of a dump, with the pieces of a statement or of a block's data joined. */
export type DumpEvent =
  | { readonly comment: string }
  | { readonly command: string }
  | { readonly statement: string }
  | { readonly copy: string; readonly columns: readonly string[]; readonly data: string; readonly rows: number }

export interface Recording {
  readonly events: readonly DumpEvent[]
  readonly unfinished: Unfinished | null
}

/** Scans a dump, cut into chunks of the given sizes (the last size goes on), and joins what belongs together. */
export function recordDump(dump: string | Buffer, sizes: readonly number[] = [65_536]): Recording {
  const recorder = new Recorder()
  const scanner = new DumpScanner(recorder)
  for (const chunk of chunksOf(Buffer.from(dump), sizes)) {
    scanner.write(chunk)
    // Whoever reads may use the same memory again.
    chunk.fill(0x27)
  }
  return { unfinished: scanner.end(), events: recorder.events }
}

/** Copies of the pieces of some bytes. */
export function* chunksOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0
  for (let piece = 0; at < bytes.length; piece++) {
    const size = Math.max(1, sizes[Math.min(piece, sizes.length - 1)] ?? bytes.length)
    yield Buffer.from(bytes.subarray(at, at + size))
    at += size
  }
}

/** Only the statements of a dump. */
export function statementsOf(dump: string, sizes?: readonly number[]): readonly string[] {
  return recordDump(dump, sizes).events.flatMap(event => ('statement' in event ? [event.statement] : []))
}

class Recorder {
  readonly events: DumpEvent[] = []
  #statement = ''
  #copy = { copy: '', columns: [] as readonly string[], data: '', rows: 0 }

  comment(text: string): void {
    this.events.push({ comment: text })
  }

  metaCommand(text: string): void {
    this.events.push({ command: text })
  }

  statement(bytes: Buffer, state: { readonly first: boolean; readonly last: boolean }): void {
    if (state.first !== (this.#statement === '')) throw new Error('first does not tell the first piece')
    this.#statement += bytes.toString('latin1')
    if (!state.last) return
    this.events.push({ statement: this.#statement })
    this.#statement = ''
  }

  copyStart(header: { readonly table: string; readonly columns: readonly string[] }): void {
    this.#copy = { copy: header.table, columns: header.columns, data: '', rows: 0 }
  }

  copyData(bytes: Buffer, rows: number): void {
    this.#copy.data += bytes.toString('latin1')
    this.#copy.rows += rows
  }

  copyEnd(): void {
    this.events.push(this.#copy)
  }
}
