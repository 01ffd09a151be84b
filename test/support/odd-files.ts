import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { onTestFinished } from 'vitest'

/** What can lie where a plain file is expected. */
export type OddFile = 'a FIFO' | 'a socket' | 'a folder' | 'a symbolic link' | 'a device'

/** Everything that opening could wait for, or write to, somewhere else. */
export const ODD_FILES: readonly OddFile[] = ['a FIFO', 'a socket', 'a folder', 'a symbolic link', 'a device']

/** Puts one there, with the folders above it. A link leads to a plain file beside it. */
export async function putOdd(path: string, what: OddFile): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  switch (what) {
    case 'a FIFO':
      execFileSync('mkfifo', [path])
      return
    case 'a socket': {
      const server = createServer()
      await new Promise<void>(resolve => server.listen(path, resolve))
      onTestFinished(() => void server.close())
      return
    }
    case 'a folder':
      mkdirSync(path)
      return
    case 'a symbolic link':
      writeFileSync(`${path}.target`, 'elsewhere')
      symlinkSync(`${path}.target`, path)
      return
    case 'a device':
      // The numbers of /dev/full, which answers at once: what is wrong with it is that it is no file.
      execFileSync('mknod', [path, 'c', '1', '7'])
  }
}
