import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { checkArchiveFile } from '../../src/archive/check-archive-file.ts'
import { findCompressor } from '../../src/archive/compressor.ts'
import { findDecompressor } from '../../src/archive/decompressor.ts'
import { openArchive, type PartPlace } from '../../src/archive/read-archive.ts'
import { writeArchive } from '../../src/archive/write-archive.ts'
import { OperatorError } from '../../src/errors.ts'
import { descendantsOf } from '../support/processes.ts'
import { untilTrue } from '../support/until-true.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'read-archive-'))
afterAll(() => rmSync(folder, { recursive: true }))

const signal = new AbortController().signal
const NAMES = ['igzip', 'pigz', 'zlib'] as const
type Name = (typeof NAMES)[number]

let count = 0
const newPath = (): string => {
  count += 1
  return path.join(folder, `${count}.sql.gz`)
}

/** An environment whose PATH holds only this program. */
function envWith(name: Name): { PATH: string } {
  const bin = mkdtempSync(path.join(folder, 'bin-'))
  if (name !== 'zlib') {
    const real = execFileSync('which', [name], { encoding: 'utf8' }).trim()
    execFileSync('ln', ['-s', real, path.join(bin, name)])
  }
  return { PATH: bin }
}
const ENVS = { igzip: envWith('igzip'), pigz: envWith('pigz'), zlib: envWith('zlib') }

function stored(bytes: Buffer): string {
  const target = newPath()
  writeFileSync(target, bytes)
  return target
}

/** Text that compresses as a dump does. */
const textOf = (bytes: number): Buffer => Buffer.from(randomBytes(bytes).toString('hex').slice(0, bytes))

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

async function archiveOf(name: Name, dump: Buffer): Promise<{ path: string; parts: readonly PartPlace[] }> {
  const target = newPath()
  const sources = [
    { part: 'roles', bytes: Buffer.from('-- roles\n') },
    { part: 'dump', bytes: chunksOf(dump) },
    { part: 'database', bytes: Buffer.from('-- database\n') },
  ] as const
  const written = await writeArchive(
    { path: target, parts: sources, compressor: await findCompressor(ENVS[name]) },
    signal,
  )
  return { path: target, parts: written.parts }
}

async function read(text: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of text) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

async function failureOf(reading: Promise<unknown>): Promise<OperatorError> {
  const error = await reading.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof OperatorError) return error
  throw new Error(`${String(error)}; expected an OperatorError`)
}

describe.each(NAMES)('an archive read by %s', name => {
  const env = ENVS[name]

  test('is read by the program that the PATH holds', async () => {
    expect((await findDecompressor(env)).name).toBe(name)
  })

  test.each(NAMES)('gives each part that %s wrote, alone and again', async writer => {
    const dump = textOf(5_000_000)
    const { path: file, parts } = await archiveOf(writer, dump)

    const archive = openArchive(file, parts, { env })

    expect(await archive.short('roles', signal)).toEqual(Buffer.from('-- roles\n'))
    expect((await read(archive.long('dump', signal))).equals(dump)).toBe(true)
    expect((await read(archive.long('dump', signal))).equals(dump)).toBe(true)
    expect(await archive.short('database', signal)).toEqual(Buffer.from('-- database\n'))
  })

  test('without a manifest is its whole text, whatever members it has', async () => {
    const [roles, dump] = [textOf(100), textOf(3_000_000)]
    const rolesFirst = stored(Buffer.concat([gzipSync(roles), gzipSync(dump)]))
    const rolesLast = stored(Buffer.concat([gzipSync(dump), gzipSync(roles)]))
    const read1 = openArchive(rolesFirst, [], { env })
    const read2 = openArchive(rolesLast, [], { env })

    expect((await read(read1.whole(signal))).equals(Buffer.concat([roles, dump]))).toBe(true)
    expect((await read(read2.whole(signal))).equals(Buffer.concat([dump, roles]))).toBe(true)
    expect([await read1.short('roles', signal), await read1.short('database', signal)]).toEqual([null, null])
  })

  test('may lack parts, or have parts of no bytes', async () => {
    const file = stored(gzipSync('x'))
    const absent = [{ part: 'roles', offset: 0, bytes: 0 }]

    const archive = openArchive(file, absent, { env })

    expect(await archive.short('roles', signal)).toBeNull()
    expect(await archive.short('database', signal)).toBeNull()
    expect(await read(archive.long('dump', signal))).toEqual(Buffer.alloc(0))
  })

  test.each([
    ['a cut file', (good: Buffer) => good.subarray(0, good.length / 2)],
    ['a missing checksum', (good: Buffer) => good.subarray(0, good.length - 8)],
    ['half a length', (good: Buffer) => good.subarray(0, good.length - 2)],
    ['a wrong checksum', (good: Buffer) => changed(good, good.length - 7)],
    ['a wrong length', (good: Buffer) => changed(good, good.length - 2)],
    ['a changed byte', (good: Buffer) => changed(good, good.length >> 1)],
    ['garbage behind it', (good: Buffer) => Buffer.concat([good, Buffer.from('garbage')])],
    ['zeros behind it', (good: Buffer) => Buffer.concat([good, Buffer.alloc(4_096)])],
    ['a megabyte of zeros behind it', (good: Buffer) => Buffer.concat([good, Buffer.alloc(1 << 20)])],
    ['three bytes of another member', (good: Buffer) => Buffer.concat([good, good.subarray(0, 3)])],
    ['half of another member', (good: Buffer) => Buffer.concat([good, good.subarray(0, good.length >> 1)])],
    ['no gzip at all', () => Buffer.from('CREATE TABLE t ();\n')],
    ['an empty file', () => Buffer.alloc(0)],
  ])('FM59 %s is noticed, and the archive is named', async (_, damage) => {
    for (const good of [gzipSync(textOf(20_000)), gzipSync(textOf(6_000_000)), gzipSync('')]) {
      const file = stored(damage(good))

      const failure = await failureOf(read(openArchive(file, [], { env }).whole(signal)))

      expect(failure.kind).toBe('incomplete')
      expect(failure.message).toContain(path.basename(file))
    }
  })

  test('FM59 a part that reaches into its neighbour is noticed', async () => {
    const { path: file, parts } = await archiveOf('igzip', textOf(3_000_000))
    const shifted = (by: number, longer: number): readonly PartPlace[] =>
      parts.map(part =>
        part.part === 'dump' ? { ...part, offset: part.offset + by, bytes: part.bytes + longer } : part,
      )

    for (const wrong of [shifted(0, 5), shifted(0, -5), shifted(1, 0), shifted(-3, 0), shifted(0, 1_000_000)]) {
      const failure = await failureOf(read(openArchive(file, wrong, { env }).long('dump', signal)))

      expect(failure.kind).toBe('incomplete')
    }
  })

  test('FM59 any cut of a good archive is noticed', { timeout: 120_000 }, async () => {
    const dump = textOf(300_000)
    const { path: file, parts } = await archiveOf(name, dump)
    const bytes = readFileSync(file)
    const dumpEnds = parts.filter(part => part.part !== 'database').reduce((sum, part) => sum + part.bytes, 0)

    await fc.assert(
      fc.asyncProperty(fc.nat({ max: dumpEnds - 1 }), async cut => {
        const archive = openArchive(stored(bytes.subarray(0, cut)), parts, { env })

        expect((await failureOf(read(archive.long('dump', signal)))).kind).toBe('incomplete')
        expect((await failureOf(archive.short('database', signal))).kind).toBe('incomplete')
      }),
      { numRuns: 40 },
    )
  })

  test('FM59 any cut of a file with one member is noticed without a manifest', { timeout: 120_000 }, async () => {
    const bytes = gzipSync(textOf(100_000))

    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), async cut => {
        const archive = openArchive(stored(bytes.subarray(0, cut)), [], { env })

        expect((await failureOf(read(archive.whole(signal)))).kind).toBe('incomplete')
      }),
      { numRuns: 40 },
    )
  })

  test('may be left early, and nothing goes on running', async () => {
    const file = stored(gzipSync(textOf(8_000_000)))

    for await (const chunk of openArchive(file, [], { env }).whole(signal)) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }

    expect(descendantsOf(process.pid).filter(each => each.command === name)).toEqual([])
  })

  test('ends with the reason of an abort', async () => {
    const file = stored(gzipSync(textOf(8_000_000)))
    const stopping = new AbortController()
    const reason = new Error('enough')

    const reading = (async () => {
      for await (const _ of openArchive(file, [], { env }).whole(stopping.signal)) stopping.abort(reason)
    })()

    await expect(reading).rejects.toBe(reason)
    await untilTrue(() => descendantsOf(process.pid).every(each => each.command !== name))
  })

  test('names a file that is not there as a fault of the volume', async () => {
    const failure = await failureOf(read(openArchive(path.join(folder, 'none'), [], { env }).whole(signal)))

    expect(failure.kind).toBe('volume')
  })
})

test('a decompressor that is killed is no damage of the archive', async () => {
  const bin = mkdtempSync(path.join(folder, 'fake-'))
  writeFileSync(path.join(bin, 'igzip'), '#!/bin/sh\nkill -9 $$\n')
  chmodSync(path.join(bin, 'igzip'), 0o755)

  const failure = await failureOf(read(openArchive(stored(gzipSync('x')), [], { env: { PATH: bin } }).whole(signal)))

  expect(failure.kind).toBe('tools')
})

describe('the file of an archive', () => {
  const bytes = gzipSync('hello')

  test('is what its manifest names, or not', async () => {
    const file = stored(bytes)
    const real = createHash('sha256').update(bytes).digest('hex')
    const sha256 = 'a'.repeat(64)

    const same = await checkArchiveFile(file, { storedBytes: bytes.length, sha256: real }, signal)
    const otherHash = await checkArchiveFile(file, { storedBytes: bytes.length, sha256 }, signal)
    const otherSize = await checkArchiveFile(file, { storedBytes: bytes.length + 1, sha256: real }, signal)

    expect(same).toBeNull()
    expect(otherHash).toMatchObject({ kind: 'archive', name: path.basename(file) })
    expect(otherSize?.text).toBe(`${bytes.length} bytes; expected the ${bytes.length + 1} that its manifest names`)
  })
})

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
