import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolder } from '../../src/system/make-folder.ts'

describe('makeFolder', () => {
  test.each([
    { umask: 0o007, whom: 'its group, to whom what is made in it goes too', modes: [0o2770, 0o2770] },
    { umask: 0o077, whom: 'this user only', modes: [0o700, 0o700] },
  ])('makes a folder and those above it, for $whom', async ({ umask, modes }) => {
    await using folder = await temporaryFolder()
    const made = path.join(folder.path, 'a', 'b', 'c')
    const before = process.umask(umask)

    await makeFolder(made).finally(() => process.umask(before))

    const found = await Promise.all([made, path.dirname(made)].map(each => stat(each)))
    expect(found.map(({ mode }) => mode & 0o7777)).toEqual(modes)
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
