import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Destination } from '../../src/destinations/destination.ts'
import { openPutSource } from '../../src/destinations/put-source.ts'
import { receiveFile } from '../../src/destinations/received-file.ts'
import { OperatorError } from '../../src/errors.ts'

/** What several destinations see of one place. */
export type MemoryFolder = Map<string, Buffer>

/** A destination that keeps its files in memory, for tests of what uses one. The same contract suite holds it to its word. */
export function memoryDestination(folder: MemoryFolder = new Map()): Destination {
  return {
    name: 's3',
    place: 'memory',
    async put(put, signal) {
      signal.throwIfAborted()
      const source = await openPutSource(put.source)
      const content = Buffer.from(await source.read(0, source.bytes))
      signal.throwIfAborted()
      if (createHash('sha256').update(content).digest('hex') !== source.sha256)
        throw new OperatorError('incomplete', `memory: ${put.name} has another hash; expected that of the file`)
      folder.set(put.name, content)
      put.onProgress?.(content.length)
      signal.throwIfAborted()
    },
    async list(signal) {
      signal.throwIfAborted()
      const files = [...folder].map(([name, { length: bytes }]) => ({ name, bytes, state: 'published' as const }))
      return files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
    async get(file, signal) {
      signal.throwIfAborted()
      const content = folder.get(file.name)
      if (content === undefined)
        throw new OperatorError('missing', `memory: no file ${file.name}; expected one of its files`)
      const expected = { ...file, bytes: content.length, place: 'memory' }
      return await receiveFile(expected, into => pipeline(Readable.from([content]), into, { signal }))
    },
    async remove(name, signal) {
      signal.throwIfAborted()
      folder.delete(name)
    },
    async [Symbol.asyncDispose]() {},
  }
}
