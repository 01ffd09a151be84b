import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../src/system/make-folder.ts'

describe('makeFolder', () => {
  test('makes a folder and those above it, for this user only', async () => {
    await using folder = await temporaryFolder()
    const made = path.join(folder.path, 'a', 'b', 'c')

    await makeFolder(made)

    for (const each of [made, path.dirname(made)]) {
      const { mode } = await stat(each)
      expect(mode & 0o777).toBe(0o700)
    }
  })

  test('leaves a folder that exists as it is', async () => {
    await using folder = await temporaryFolder()
    const existing = path.join(folder.path, 'a')
    await mkdir(existing, { mode: 0o750 })

    await makeFolder(existing)

    const { mode } = await stat(existing)
    expect(mode & 0o777).toBe(0o750)
  })

  test('fails where a part of the path is a file', async () => {
    await using folder = await temporaryFolder()
    await writeFile(path.join(folder.path, 'file'), '')

    const making = makeFolder(path.join(folder.path, 'file', 'a', 'b'))

    await expect(making).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  test('FM03 fails, and comes to an end, where no folder can be made', async () => {
    const making = makeFolder('/proc/backups/.backup/locks')

    await expect(making).rejects.toMatchObject({ code: expect.stringMatching(/^E/) })
  })
})

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'files-test-'))
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
