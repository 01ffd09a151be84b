import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type EmbeddedMajor, embeddedBinaries } from './embedded-postgres.ts'

/** An extension that a test makes: lines of its control file, and its script. */
export interface OwnExtension {
  readonly name: string
  readonly control?: string
  readonly script: string
}

export interface BinariesWithExtensions extends Disposable {
  /** The folder with `initdb` and `postgres`. */
  readonly binFolder: string
}

/** The programs of an embedded server, which offers these extensions too; removed when disposed of. */
export function binariesWith(major: EmbeddedMajor, extensions: readonly OwnExtension[]): BinariesWithExtensions {
  const native = path.dirname(embeddedBinaries(major))
  const folder = mkdtempSync(path.join(tmpdir(), 'own-extensions-'))
  chmodSync(folder, 0o755)
  // A server looks for its files beside where its program really lies.
  for (const name of ['bin', 'share'])
    cpSync(path.join(native, name), path.join(folder, name), { recursive: true, verbatimSymlinks: true })
  symlinkSync(path.join(native, 'lib'), path.join(folder, 'lib'))
  const place = path.join(folder, 'share/postgresql/extension')
  mkdirSync(place, { recursive: true })
  for (const { name, control = '', script } of extensions) {
    writeFileSync(path.join(place, `${name}.control`), `default_version = '1'\n${control}\n`, { mode: 0o644 })
    writeFileSync(path.join(place, `${name}--1.sql`), script, { mode: 0o644 })
  }
  return {
    binFolder: path.join(folder, 'bin'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
