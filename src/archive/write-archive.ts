import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32, gzipSync } from 'node:zlib'
import { OperatorError } from '../errors.ts'
import { codeOf } from '../system/error-code.ts'
import { makeFolder } from '../system/make-folder.ts'
import { openPlainFile } from '../system/plain-file.ts'
import { VOLUME_MODES } from '../system/volume-modes.ts'
import { volumeError } from '../volume-error.ts'
import type { Compressor } from './compressor.ts'
import type { GzipMember } from './gzip-member.ts'
import { writeAll } from './write-all.ts'

const HASH_BUFFER_BYTES = 1 << 20
const MOST_ATTEMPTS = 10

/**
 * What goes into one part of an archive: a short text as one buffer, which is compressed in this process, or a stream for
 * the compressor. An empty source makes an empty part without a gzip member.
 */
export interface PartSource {
  /** Its name. */
  readonly part: string
  readonly bytes: Buffer | AsyncIterable<Buffer>
}

/** Where a part lies in the archive: `bytes` compressed bytes from `offset`, which gunzip reads alone. */
export interface WrittenPart {
  readonly part: string
  readonly offset: number
  readonly bytes: number
}

export interface WrittenArchive {
  readonly parts: readonly WrittenPart[]
  /** Before compression. */
  readonly rawBytes: number
  readonly storedBytes: number
  /** Of the stored file, hexadecimal, as read back from the volume. */
  readonly sha256: string
}

export interface WriteArchiveInput {
  /** A temporary name: it must not exist yet, and it is gone again if this fails. Its folder is made. */
  readonly path: string
  readonly parts: readonly PartSource[]
  readonly compressor: Compressor
}

/**
 * Writes the parts one after the other, each as gzip members of its own, forces them to the disk and reads the file
 * back for its hash. Errors of a source are thrown as they are; those of the volume as OperatorError of kind `space`
 * or `volume`. The file is for who shares the volume: a dump can hold the passwords of foreign servers and subscriptions.
 */
export async function writeArchive(input: WriteArchiveInput, signal: AbortSignal): Promise<WrittenArchive> {
  const file = await createFile(input.path).catch(error => {
    throw volumeError(error, input.path)
  })
  try {
    const written = await writeParts(file, input, signal)
    await file.sync()
    await file.close()
    return { ...written, sha256: await hashFile(input.path, written.storedBytes, signal) }
  } catch (error) {
    await file.close().catch(() => {})
    await rm(input.path, { force: true })
    throw volumeError(error, input.path)
  }
}

/** Pruning of another database may remove the dated folder as long as it is empty: then it is made again. */
async function createFile(path: string): Promise<FileHandle> {
  for (let attempt = 1; ; attempt += 1) {
    await makeFolder(dirname(path))
    try {
      return await open(path, 'wx+', VOLUME_MODES.file)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === MOST_ATTEMPTS) throw error
    }
  }
}

async function writeParts(
  file: FileHandle,
  input: WriteArchiveInput,
  signal: AbortSignal,
): Promise<Omit<WrittenArchive, 'sha256'>> {
  const parts: WrittenPart[] = []
  let rawBytes = 0
  let offset = 0
  for (const source of input.parts) {
    rawBytes += Buffer.isBuffer(source.bytes)
      ? await writeShortPart(file, source.bytes)
      : await writeStream(file, { bytes: source.bytes, compressor: input.compressor }, signal)
    const { size } = await file.stat()
    parts.push({ part: source.part, offset, bytes: size - offset })
    offset = size
  }
  return { parts, rawBytes, storedBytes: offset }
}

/** Resolves with the bytes before compression. */
async function writeShortPart(file: FileHandle, bytes: Buffer): Promise<number> {
  if (bytes.length > 0) await writeAll(file, gzipSync(bytes))
  return bytes.length
}

interface StreamedPart {
  readonly bytes: AsyncIterable<Buffer>
  readonly compressor: Compressor
}

/** Resolves with the bytes before compression. */
async function writeStream(file: FileHandle, source: StreamedPart, signal: AbortSignal): Promise<number> {
  let member: GzipMember | null = null
  let bytes = 0
  let crc = 0
  try {
    for await (const chunk of source.bytes) {
      if (chunk.length === 0) continue
      member ??= source.compressor.startMember(file, signal)
      bytes += chunk.length
      crc = crc32(chunk, crc)
      await member.write(chunk)
    }
    await member?.end()
  } catch (error) {
    // Of two failures the compressor's came first: that of a lost connection would be tried again.
    const earlier = (await member?.abandon()) ?? null
    signal.throwIfAborted()
    throw earlier ?? error
  }
  if (bytes > 0) await checkTrailer(file, { bytes, crc }, source.compressor)
  return bytes
}

interface RawBytes {
  readonly bytes: number
  readonly crc: number
}

/**
 * RFC 1952 section 2.3.1: a member ends with the CRC-32 and the length modulo 2³² of what went in. A compressor that
 * exits 0 after it lost bytes is found here. zlib-in-process writes one member a block, so there is no single trailer.
 */
async function checkTrailer(file: FileHandle, raw: RawBytes, compressor: Compressor): Promise<void> {
  if (compressor.name === 'zlib') return
  const { size } = await file.stat()
  const { buffer } = await file.read(Buffer.alloc(8), 0, 8, size - 8)
  if (buffer.readUInt32LE(0) === raw.crc && buffer.readUInt32LE(4) === raw.bytes % 2 ** 32) return
  throw new OperatorError(
    'incomplete',
    `${compressor.name}: the archive's checksum is not that of the dump; expected the same`,
    {
      hint: 'the volume or the compressor loses bytes: check the volume',
    },
  )
}

/** Reads into one buffer again and again: a stream would leave fifty megabytes of them to the garbage collector. */
async function hashFile(path: string, expectedBytes: number, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(HASH_BUFFER_BYTES)
  let bytes = 0
  await using file = await openPlainFile(path, 'read')
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, buffer.length)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    bytes += bytesRead
  }
  if (bytes === expectedBytes) return hash.digest('hex')
  throw new OperatorError(
    'incomplete',
    `${path}: ${bytes} bytes read back; expected the ${expectedBytes} that were written`,
  )
}
