import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The one folder that everything of a bench lies in; it is gone after disposal. */
export interface BenchFolder extends Disposable {
  readonly path: string
}

/** Makes the folder in TMPDIR. Others may pass through it, because the server runs as another user than root. */
export function makeBenchFolder(): BenchFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'backup-bench-'))
  chmodSync(folder, 0o711)
  return {
    path: folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** An empty folder, whatever was in it before. */
export async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

/** Bytes of all archives (`.gz`) at any depth below a folder. */
export async function archiveBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(
    names.filter(name => name.endsWith('.gz')).map(async name => (await stat(path.join(folder, name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Waits until what one command wrote is on the disk, so that the next one does not pay for it. */
export async function settle(folder: string): Promise<void> {
  await once(spawn('sync', ['--file-system', folder], { stdio: 'ignore' }), 'exit')
}
