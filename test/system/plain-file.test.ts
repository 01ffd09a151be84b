import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeFolderBelow, pathBelow } from '../../src/system/below.ts'
import {
  openPlainFile,
  type ReadRules,
  readEndOfFile,
  readPlainFile,
  readPlainFileSync,
} from '../../src/system/plain-file.ts'
import { ODD_FILES, putOdd } from '../support/odd-files.ts'
import { temporaryVolume } from '../support/volume.ts'

const RULES: ReadRules = { mostBytes: 100, links: 'refuse' }

describe.each(ODD_FILES)('FM103 %s in the place of a file', what => {
  const fault = { name: 'FileFault', message: expect.stringMatching(/; expected a plain file$/) }

  test('is neither read nor waited for', async () => {
    const path = join(temporaryVolume(), 'odd')
    await putOdd(path, what)

    await expect(readPlainFile(path, RULES)).rejects.toMatchObject(fault)
    await expect(readEndOfFile(path, 100)).rejects.toMatchObject(fault)
    expect(() => readPlainFileSync(path, RULES)).toThrow(/; expected a plain file$/)
  })

  test.each(['append', 'replace', 'change'] as const)('is not written to (%s), nor what it leads to', async how => {
    const path = join(temporaryVolume(), 'odd')
    await putOdd(path, what)

    await expect(openPlainFile(path, how)).rejects.toMatchObject(fault)

    if (what === 'a symbolic link') expect(readFileSync(`${path}.target`, 'utf8')).toBe('elsewhere')
  })
})

describe('FM103 a FIFO that has somebody at its other end', () => {
  test('is refused too, for reading and for writing', async () => {
    const path = join(temporaryVolume(), 'fifo')
    execFileSync('mkfifo', [path])
    await using _other = await (await import('node:fs/promises')).open(path, 'r+')

    await expect(readPlainFile(path, RULES)).rejects.toMatchObject({ message: 'a FIFO; expected a plain file' })
    await expect(openPlainFile(path, 'append')).rejects.toMatchObject({ message: 'a FIFO; expected a plain file' })
  })
})

describe('a link of Kubernetes', () => {
  test('FM103 is followed where it may be, and what it leads to has to be a plain file all the same', async () => {
    const folder = temporaryVolume()
    mkdirSync(join(folder, '..2026_11_20'))
    writeFileSync(join(folder, '..2026_11_20/password'), 'secret')
    symlinkSync('..2026_11_20', join(folder, '..data'))
    symlinkSync('..data/password', join(folder, 'password'))
    execFileSync('mkfifo', [join(folder, '..2026_11_20/fifo')])
    symlinkSync('..data/fifo', join(folder, 'fifo'))
    const rules = { mostBytes: 100, links: 'follow' } as const

    expect(readPlainFileSync(join(folder, 'password'), rules).toString()).toBe('secret')
    expect(() => readPlainFileSync(join(folder, 'fifo'), rules)).toThrow('a FIFO; expected a plain file')
  })
})

describe('FM104 a limit', () => {
  test('lets a file pass that has exactly as many bytes, and none that has more', async () => {
    const path = join(temporaryVolume(), 'file')
    writeFileSync(path, 'x'.repeat(100))
    const whole = [(await readPlainFile(path, RULES)).length, readPlainFileSync(path, RULES).length]
    writeFileSync(path, 'x'.repeat(101))

    expect(whole).toEqual([100, 100])
    const message = 'it has 101 bytes or more; expected at most 100'
    await expect(readPlainFile(path, RULES)).rejects.toMatchObject({ name: 'FileFault', message })
    expect(() => readPlainFileSync(path, RULES)).toThrow(message)
  })

  test('is found out without reading, and holds for what says that it has no size', async () => {
    const path = join(temporaryVolume(), 'file')
    writeFileSync(path, '')
    truncateSync(path, 3_000_000_000_000)

    await expect(readPlainFile(path, RULES)).rejects.toMatchObject({ name: 'FileFault' })
    await expect(readPlainFile('/proc/self/smaps', RULES)).rejects.toMatchObject({ name: 'FileFault' })
    expect((await readPlainFile('/proc/self/comm', RULES)).toString()).toMatch(/\n$/)
    expect((await readEndOfFile(path, 10)).isCut).toBe(true)
  })
})

describe('FM101 a path below the volume', () => {
  test('does not lead through a link, wherever it stands, and names it', async () => {
    const root = temporaryVolume()
    const elsewhere = temporaryVolume()
    mkdirSync(join(root, 'daily'))
    symlinkSync(elsewhere, join(root, 'daily/2026-11-20'))
    symlinkSync(elsewhere, join(root, '.backup'))

    const message = 'a symbolic link, which is not followed; expected a folder'
    await expect(pathBelow(root, 'daily/2026-11-20/a')).rejects.toMatchObject({
      path: join(root, 'daily/2026-11-20'),
      message,
    })
    await expect(makeFolderBelow(root, '.backup/locks')).rejects.toMatchObject({ path: join(root, '.backup'), message })
    expect(statSync(elsewhere).nlink).toBe(2)
  })

  test('may begin at a volume that is a link itself, and need not exist', async () => {
    const root = join(temporaryVolume(), 'link')
    const elsewhere = temporaryVolume()
    symlinkSync(elsewhere, root)

    expect(await pathBelow(root, '.backup/runs.jsonl')).toBe(join(root, '.backup/runs.jsonl'))
    expect(await makeFolderBelow(root, '.backup/locks')).toBe(join(root, '.backup/locks'))
    expect(statSync(join(elsewhere, '.backup/locks')).isDirectory()).toBe(true)
  })
})
