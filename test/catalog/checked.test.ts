import { appendFileSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ArchiveEntry, readCatalog } from '../../src/catalog/catalog.ts'
import { openCheckedArchives } from '../../src/catalog/checked.ts'
import { putArchive, temporaryVolume } from '../support/volume.ts'

const PATH = 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz'

async function entryOf(volume: string): Promise<ArchiveEntry> {
  const { entries } = await readCatalog(volume, { timeZone: 'UTC' })
  if (entries[0] === undefined) throw new Error('no archive')
  return entries[0]
}

test('FM24 an archive without manifest is unknown until it was read, also for later runs', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH, { manifest: false })
  const entry = await entryOf(volume)
  const checked = await openCheckedArchives(volume, () => {})
  const before = checked.goodnessOf(entry)

  await checked.record(entry, false)

  expect(before).toBe('unknown')
  expect(checked.goodnessOf(entry)).toBe('bad')
  expect((await openCheckedArchives(volume, () => {})).goodnessOf(await entryOf(volume))).toBe('bad')
})

test('FM24 a file that was changed since is unknown again', async () => {
  const volume = temporaryVolume()
  const path = putArchive(volume, PATH, { manifest: false })
  const checked = await openCheckedArchives(volume, () => {})
  await checked.record(await entryOf(volume), true)

  utimesSync(path, new Date(), new Date('2026-01-01T00:00:00Z'))

  expect(checked.goodnessOf(await entryOf(volume))).toBe('unknown')
})

test('a manifest decides over what an earlier reading found', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH)
  const entry = await entryOf(volume)
  const checked = await openCheckedArchives(volume, () => {})

  await checked.record(entry, false)

  expect(checked.goodnessOf(entry)).toBe('good')
})

test('a torn or damaged line costs only itself, and the last line of a file counts', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH, { manifest: false })
  const entry = await entryOf(volume)
  const log = join(volume, '.backup/checked.jsonl')
  await (await openCheckedArchives(volume, () => {})).record(entry, false)
  appendFileSync(log, '\nnull\n[]\n{"good":true}\n{"folder":"daily/2026-11-20","na')

  await (await openCheckedArchives(volume, () => {})).record(entry, true)

  expect((await openCheckedArchives(volume, () => {})).goodnessOf(entry)).toBe('good')
  expect(readFileSync(log, 'utf8').trimEnd().endsWith('"good":true}')).toBe(true)
})
