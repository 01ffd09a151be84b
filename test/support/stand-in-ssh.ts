import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Lie } from './lying-sftp-server.ts'

/** An environment whose `ssh` is a server that lies: what an honest ssh would bring from it. */
export function lyingSsh(folder: string, lie: Lie): Record<string, string> {
  const script = path.join(import.meta.dirname, 'lying-sftp-server.ts')
  return standInSsh(folder, `exec '${process.execPath}' '${script}' '${lie}'`)
}

/** An environment whose `ssh` is this piece of shell. */
export function standInSsh(folder: string, shell: string): Record<string, string> {
  const bin = mkdtempSync(path.join(folder, 'bin-'))
  writeFileSync(path.join(bin, 'ssh'), `#!/bin/sh\n${shell}\n`)
  chmodSync(path.join(bin, 'ssh'), 0o755)
  return { PATH: `${bin}:/usr/bin:/bin` }
}
