import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { PostgresManifest } from '../../src/sources/postgres/content.ts'
import { Fingerprinter } from '../../src/sources/postgres/fingerprint/fingerprint.ts'
import { manifestBeside } from './archives.ts'

export interface Tampering {
  /** Each gets the text of its part, bytes as Latin-1 characters. */
  roles?(text: string): string
  dump?(text: string): string
  database?(text: string): string
  /** Gets the manifest of the changed archive; what it returns is written as JSON, whatever it is. */
  manifest?(manifest: PostgresManifest): unknown
  /** The manifest's fingerprint is taken anew from the changed dump, as if that had been dumped. */
  readonly newFingerprint?: boolean
}

/** Changes what is in a small archive, and its manifest so that sizes, places and SHA-256 of the file are right again. */
export function tamper(archive: string, tampering: Tampering): void {
  const stored = readFileSync(archive)
  const before = manifestBeside(archive)
  let offset = 0
  let fingerprint = before.fingerprint
  const pieces = before.parts.map(part => {
    const old = stored.subarray(part.offset, part.offset + part.bytes)
    const text = tampering[part.part as 'roles' | 'dump' | 'database']?.(gunzipSync(old).toString('latin1'))
    if (text === undefined) return old
    if (part.part === 'dump' && tampering.newFingerprint === true) fingerprint = fingerprintOf(text, before)
    return gzipSync(Buffer.from(text, 'latin1'))
  })
  const parts = before.parts.map((part, index) => {
    const bytes = pieces[index]?.length ?? 0
    offset += bytes
    return { ...part, offset: offset - bytes, bytes }
  })
  const whole = Buffer.concat(pieces)
  const sha256 = createHash('sha256').update(whole).digest('hex')
  const after = { ...before, parts, fingerprint, storedBytes: whole.length, sha256 }
  writeFileSync(archive, whole)
  writeFileSync(`${archive}.json`, JSON.stringify(tampering.manifest?.(after) ?? after))
}

function fingerprintOf(text: string, { fingerprint }: PostgresManifest): PostgresManifest['fingerprint'] {
  const fingerprinter = new Fingerprinter({ clientEncoding: fingerprint.session.clientEncoding })
  fingerprinter.write(Buffer.from(text, 'latin1'))
  return fingerprinter.end().fingerprint
}
