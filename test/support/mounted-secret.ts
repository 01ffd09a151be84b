import { mkdtempSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder as the kubelet mounts a Secret: each key a link into `..data`, which is a link that is swapped whole. */
export interface MountedSecret {
  pathOf(key: string): string
  /** Other values for all keys, in one moment, as after a change of the Secret. Keys that are left out are gone. */
  rotate(values: Readonly<Record<string, string>>): void
}

/** Mounts a Secret in a new folder below `parent`. */
export function mountSecret(parent: string, values: Readonly<Record<string, string>>): MountedSecret {
  const folder = mkdtempSync(join(parent, 'secret-'))
  const data = join(folder, '..data')
  const publish = (current: Readonly<Record<string, string>>): void => {
    const version = mkdtempSync(join(folder, '..2026_'))
    for (const [key, value] of Object.entries(current)) writeFileSync(join(version, key), value)
    symlinkSync(version, `${data}_tmp`)
    renameSync(`${data}_tmp`, data)
  }
  publish(values)
  for (const key of Object.keys(values)) symlinkSync(join('..data', key), join(folder, key))
  return {
    pathOf: key => join(folder, key),
    rotate(current) {
      const old = readlinkSync(data)
      publish(current)
      rmSync(old, { recursive: true })
    },
  }
}
