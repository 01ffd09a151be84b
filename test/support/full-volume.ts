import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Mounts a file system of so many kilobytes at a folder for one test. */
export function mountSmall(folder: string, kilobytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', [folder]))
}

/** Writes into a file of its own until not a byte more fits. */
export function fillUp(volume: string): void {
  const file = openSync(join(volume, 'something else'), 'w')
  try {
    for (const block of [65_536, 4096, 1]) while (tryToWrite(file, Buffer.alloc(block))) {}
  } finally {
    closeSync(file)
  }
}

function tryToWrite(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length
  } catch {
    return false
  }
}
