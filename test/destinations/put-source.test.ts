import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { openPutSource } from '../../src/destinations/put-source.ts'
import { failureOf } from '../../src/errors.ts'
import { temporaryVolume } from '../support/volume.ts'

test('FM48 a connection that breaks while a file is sent is no fault of the file', async () => {
  const path = join(temporaryVolume(), 'file')
  writeFileSync(path, Buffer.alloc(1_000_000))
  const source = await openPutSource({ path, bytes: 1_000_000, sha256: '' })
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
  const stream = source.stream(0)
  const connection = new Writable({
    write(_chunk, _encoding, done) {
      stream.destroy(reset)
      done()
    },
  })

  const error: unknown = await pipeline(stream, connection).catch((cause: unknown) => cause)

  expect(error).toBe(reset)
  expect(source.sourceError(error)).toBe(reset)
})

test('a file that cannot be read any more is', async () => {
  const path = join(temporaryVolume(), 'file')
  writeFileSync(path, 'x')
  const source = await openPutSource({ path, bytes: 1, sha256: '' })
  const stream = source.stream(0)
  const failed = Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'read' })
  stream.destroy(failed)

  const error: unknown = await pipeline(stream, new Writable()).catch((cause: unknown) => cause)

  expect(failureOf(source.sourceError(error))).toMatchObject({ kind: 'volume' })
})
