import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createLockFile,
  fileSystemNowNs,
  type LockHolder,
  readLockFile,
  removeLockDebris,
  removeLockFile,
  touchLockFile,
} from '../../src/catalog/lock-file.ts'
import { isCertainlyGone, ownIdentity } from '../../src/system/process-identity.ts'
import { temporaryVolume } from '../support/volume.ts'

function holder(token: string): LockHolder {
  return { ...ownIdentity(), token, runId: 'run', since: '2026-11-20T01:00:00Z' }
}

test('FM20 a lock file is made once and read back', async () => {
  const path = join(temporaryVolume(), 'db-app.lock')

  const made = [await createLockFile(path, holder('one')), await createLockFile(path, holder('two'))]

  expect(made).toEqual([true, false])
  expect((await readLockFile(path))?.holder).toEqual(holder('one'))
})

test('FM20 a lock that is not the one that was judged stale is put back as it was', async () => {
  const volume = temporaryVolume()
  const path = join(volume, 'db-app.lock')
  await createLockFile(path, holder('new'))
  const before = await readLockFile(path)

  const removed = await removeLockFile(path, found => found.holder?.token === 'stale')

  expect(removed).toBe(false)
  expect(await readLockFile(path)).toEqual(before)
  expect(readdirSync(volume)).toEqual(['db-app.lock'])
})

test('a lock that is gone already can be removed by nobody', async () => {
  const path = join(temporaryVolume(), 'db-app.lock')

  expect(await removeLockFile(path, () => true)).toBe(false)
  expect(await readLockFile(path)).toBeNull()
})

test('FM21 a heartbeat moves the time of its own lock and never that of another', async () => {
  const path = join(temporaryVolume(), 'db-app.lock')
  await createLockFile(path, holder('own'))
  const text = readFileSync(path, 'utf8')
  const old = new Date(Date.now() - 50_000)
  utimesSync(path, old, old)

  const other = await touchLockFile(path, 'another')
  const untouched = statSync(path).mtimeMs
  const own = await touchLockFile(path, 'own')

  expect([other, own]).toEqual([false, true])
  expect(untouched).toBe(old.getTime())
  expect(statSync(path).mtimeMs).toBeGreaterThan(old.getTime() + 40_000)
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('asking for the time of the file system leaves nothing behind', async () => {
  const volume = temporaryVolume()
  const path = join(volume, 'db-app.lock')
  await createLockFile(path, holder('one'))

  const now = await fileSystemNowNs(path)

  expect(now).toBeGreaterThanOrEqual((await readLockFile(path))?.touchedNs ?? 0n)
  expect(readdirSync(volume)).toEqual(['db-app.lock'])
})

test('FM21 what killed runs left beside a lock goes after an hour, what is in use stays', async () => {
  const volume = temporaryVolume()
  const path = join(volume, 'db-app.lock')
  const names = [
    'db-app.lock',
    `db-app.lock.${randomUUID()}`,
    `db-app.lock.${randomUUID()}`,
    'db-app.lock.txt',
    `db-app2.lock.${randomUUID()}`,
  ]
  for (const name of names) await createLockFile(join(volume, name), holder('old'))
  const old = new Date(Date.now() - 3_700_000)
  for (const name of names.filter((_, index) => index !== 1)) utimesSync(join(volume, name), old, old)

  await removeLockDebris(dirname(path), name => name === basename(path))

  expect(readdirSync(volume).sort()).toEqual(names.filter((_, index) => index !== 2).sort())
})

test('FM21 a process is certainly gone only where it could be seen if it were there', () => {
  const own = ownIdentity()
  const dead = { ...own, processStart: '1' }

  expect(isCertainlyGone(own, own)).toBe(false)
  expect(isCertainlyGone(dead, own)).toBe(true)
  expect(isCertainlyGone({ ...dead, bootId: 'another' }, own)).toBe(false)
  expect(isCertainlyGone({ ...dead, pidNamespace: 'pid:[1]' }, own)).toBe(false)
  expect(isCertainlyGone({ ...dead, bootId: null }, { ...own, bootId: null })).toBe(false)
  expect(isCertainlyGone({ ...own, processStart: null }, own)).toBe(false)
})
