import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface HooksFolder extends Disposable {
  readonly path: string
  /** Writes a shell script; returns its path. */
  write(name: string, script: string, mode?: number): string
}

/** A folder that only its owner may write to; removed when disposed of. */
export function hooksFolder(): HooksFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'hooks-')))
  mkdirSync(path, { recursive: true })
  return {
    path,
    write(name, script, mode = 0o755) {
      const file = join(path, name)
      writeFileSync(file, `#!/bin/sh\n${script}\n`)
      chmodSync(file, mode)
      return file
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
