import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { type Compressor, findCompressor } from '../../src/archive/compressor.ts'
import { type PartSource, writeArchive } from '../../src/archive/write-archive.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'write-archive-'))
afterAll(() => rmSync(folder, { recursive: true }))

const signal = new AbortController().signal
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A compressor by name, found as the program finds it: on a PATH that holds only it. */
async function compressorNamed(name: 'igzip' | 'pigz' | 'zlib'): Promise<Compressor> {
  const bin = mkdtempSync(path.join(folder, 'bin-'))
  if (name !== 'zlib')
    execFileSync('ln', ['-s', execFileSync('which', [name], { encoding: 'utf8' }).trim(), path.join(bin, name)])
  const compressor = await findCompressor({ PATH: bin })
  expect(compressor.name).toBe(name)
  return compressor
}

/** An executable of this name that takes the place of a compressor. */
async function fakeCompressor(script: string): Promise<Compressor> {
  const bin = mkdtempSync(path.join(folder, 'fake-'))
  writeFileSync(path.join(bin, 'igzip'), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`)
  chmodSync(path.join(bin, 'igzip'), 0o755)
  return await findCompressor({ PATH: bin })
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const dump = Buffer.concat([
  Buffer.from('-- dump\n'),
  Buffer.from(randomBytes(700_000).toString('base64')),
  Buffer.alloc(3_000_000, 'x'),
])
const parts = (): PartSource[] => [
  { part: 'roles', bytes: Buffer.from('-- roles\n') },
  { part: 'dump', bytes: chunksOf(dump, 65_536) },
  { part: 'database', bytes: Buffer.from('-- database\n') },
]

let count = 0
const newPath = (): string => {
  count += 1
  return path.join(folder, `${count}.in_progress`)
}

describe.each(['igzip', 'pigz', 'zlib'] as const)('an archive written by %s', name => {
  test('is one gzip file whose parts can be read alone', async () => {
    const target = newPath()

    const written = await writeArchive(
      { path: target, parts: parts(), compressor: await compressorNamed(name) },
      signal,
    )

    const stored = readFileSync(target)
    const readAlone = written.parts.map(({ offset, bytes }) =>
      gunzipSync(stored.subarray(offset, offset + bytes)).toString(),
    )
    expect(readAlone).toEqual(['-- roles\n', dump.toString(), '-- database\n'])
    expect(
      execFileSync('gunzip', ['-c'], { input: stored, maxBuffer: 1 << 28 }).equals(Buffer.from(readAlone.join(''))),
    ).toBe(true)
    expect(written).toMatchObject({ rawBytes: dump.length + 21, storedBytes: stored.length, sha256: sha256(stored) })
  })

  test('may have an empty part, which has no bytes', async () => {
    const target = newPath()
    const sources: PartSource[] = [{ part: 'roles', bytes: Buffer.alloc(0) }, ...parts().slice(1)]

    const written = await writeArchive(
      { path: target, parts: sources, compressor: await compressorNamed(name) },
      signal,
    )

    expect(written.parts[0]).toEqual({ part: 'roles', offset: 0, bytes: 0 })
    expect(gunzipSync(readFileSync(target)).length).toBe(dump.length + 12)
  })

  test('FM03 is an error and leaves no file on a volume that is full', async () => {
    const volume = path.join(folder, `full-${name}`)
    mkdirSync(volume)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', volume])
    try {
      const target = path.join(volume, 'a.in_progress')
      const writing = writeArchive({ path: target, parts: parts(), compressor: await compressorNamed(name) }, signal)

      await expect(writing).rejects.toMatchObject({
        name: 'OperatorError',
        kind: expect.stringMatching(/^(space|volume)$/),
      })
      expect(existsSync(target)).toBe(false)
    } finally {
      execFileSync('umount', [volume])
    }
  })

  test('FM01 is an error and leaves no file when its source fails after some bytes', async () => {
    const target = newPath()
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield dump
      throw new Error('pg_dump ended with 1')
    }

    const writing = writeArchive(
      { path: target, parts: [{ part: 'dump', bytes: failing() }], compressor: await compressorNamed(name) },
      signal,
    )

    await expect(writing).rejects.toThrow('pg_dump ended with 1')
    expect(existsSync(target)).toBe(false)
  })

  test('ends at once and leaves no file when it is interrupted', async () => {
    const target = newPath()
    const interruption = new AbortController()
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (let block = 0; ; block += 1) {
        if (block === 20) interruption.abort(new Error('interrupted'))
        yield dump
      }
    }

    const writing = writeArchive(
      { path: target, parts: [{ part: 'dump', bytes: endless() }], compressor: await compressorNamed(name) },
      interruption.signal,
    )

    await expect(writing).rejects.toThrow('interrupted')
    expect(existsSync(target)).toBe(false)
  })
})

describe('an archive', () => {
  test('FM16 is readable by its owner and group only, whatever the umask is', async () => {
    const before = process.umask(0)
    try {
      const target = newPath()

      await writeArchive({ path: target, parts: parts(), compressor: await compressorNamed('zlib') }, signal)

      expect(statSync(target).mode & 0o777).toBe(0o640)
    } finally {
      process.umask(before)
    }
  })

  test('FM20 is never written over a file that is there', async () => {
    const target = newPath()
    writeFileSync(target, 'of another run')

    const writing = writeArchive({ path: target, parts: parts(), compressor: await compressorNamed('zlib') }, signal)

    await expect(writing).rejects.toMatchObject({ kind: 'volume' })
    expect(readFileSync(target, 'utf8')).toBe('of another run')
  })

  test.each([
    ['is killed', 'head -c 1000 >/dev/null; kill -9 $$'],
    ['ends with an error after it read everything', 'gzip -1; exit 3'],
    ['closes its input early and says all is well', 'head -c 100000 | gzip -1; exit 0'],
    ['drops bytes and says all is well', 'head -c 100000 | gzip -1; cat >/dev/null; exit 0'],
  ])('FM03 is an error and leaves no file when the compressor %s', async (_, script) => {
    const target = newPath()

    const writing = writeArchive({ path: target, parts: parts(), compressor: await fakeCompressor(script) }, signal)

    await expect(writing).rejects.toMatchObject({
      name: 'OperatorError',
      kind: expect.stringMatching(/^(volume|incomplete)$/),
    })
    expect(existsSync(target)).toBe(false)
  })
})
