import { appendFileSync, mkdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ArchiveEntry, readCatalog } from '../../src/catalog/catalog.ts'
import { openCheckedArchives } from '../../src/catalog/checked.ts'
import { putOdd } from '../support/odd-files.ts'
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

test('FM24 a line without a kind, of the first version, is one about an archive of PostgreSQL', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH, { manifest: false })
  const entry = await entryOf(volume)
  const { folder, name, bytes, modifiedMs } = entry
  mkdirSync(join(volume, '.backup'))
  writeFileSync(
    join(volume, '.backup/checked.jsonl'),
    `\n${JSON.stringify({ folder, name, bytes, modifiedMs, good: false })}`,
  )

  const checked = await openCheckedArchives(volume, () => {})

  expect(checked.goodnessOf(entry)).toBe('bad')
})

test('FM24 what was found of a file as one of another kind says nothing here, and is no damage', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH, { manifest: false })
  const entry = await entryOf(volume)
  const { folder, name, bytes, modifiedMs } = entry
  const line = { kind: 'mariadb', folder, name, bytes, modifiedMs, good: true }
  mkdirSync(join(volume, '.backup'))
  writeFileSync(join(volume, '.backup/checked.jsonl'), `\n${JSON.stringify(line)}`)
  const told: string[] = []

  const checked = await openCheckedArchives(volume, text => told.push(text))

  expect(checked.goodnessOf(entry)).toBe('unknown')
  expect(told).toEqual([])
})

test('FM24 the first version reads what this one writes', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH, { manifest: false })
  const entry = await entryOf(volume)

  await (await openCheckedArchives(volume, () => {})).record(entry, true)

  const lines = readFileSync(join(volume, '.backup/checked.jsonl'), 'utf8').split('\n').slice(1)
  const { folder, name, bytes, modifiedMs } = entry
  expect(lines.map(parseLineOfFirstVersion)).toEqual([
    { kind: 'postgres', folder, name, bytes, modifiedMs, good: true },
  ])
})

/** As it stands there; it then takes `folder`, `name`, `bytes`, `modifiedMs` and `good`. */
function parseLineOfFirstVersion(line: string): unknown {
  try {
    const json = JSON.parse(line) as { readonly good?: unknown; readonly name?: unknown } | null
    return typeof json?.good === 'boolean' && typeof json.name === 'string' ? json : null
  } catch {
    return null
  }
}

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

function putGiant(path: string): void {
  writeFileSync(path, '')
  truncateSync(path, 5e9)
}

test.each<readonly [string, (path: string) => void | Promise<void>, RegExp]>([
  ['a folder', path => putOdd(path, 'a folder'), /a folder; expected a plain file/],
  ['a FIFO', path => putOdd(path, 'a FIFO'), /a FIFO; expected a plain file/],
  ['a symbolic link', path => putOdd(path, 'a symbolic link'), /a symbolic link, which is not followed/],
  ['binary', path => writeFileSync(path, Buffer.alloc(1000, 0xff)), /no line of it can be read/],
  [
    'of lines that fit nothing',
    path => writeFileSync(path, '{"good":true,"name":"x","folder":[[]]}\n1'),
    /no line of it/,
  ],
  ['nested deep', path => writeFileSync(path, '{"good":true,"name":"x","folder":'.padEnd(1e6, '[')), /no line of it/],
  ['of gigabytes', putGiant, /more than 16777216 bytes/],
])(
  'FM100 checked.jsonl that is %s stops nothing: what it held is asked again, and that is said',
  async (_, put, says) => {
    const volume = temporaryVolume()
    putArchive(volume, PATH, { manifest: false })
    mkdirSync(join(volume, '.backup'))
    await put(join(volume, '.backup/checked.jsonl'))
    const told: string[] = []

    const checked = await openCheckedArchives(volume, text => told.push(text))

    expect(checked.goodnessOf(await entryOf(volume))).toBe('unknown')
    expect(told).toEqual([expect.stringMatching(says)])
    expect(told[0]).toMatch(/^not read: \.backup\/checked\.jsonl: .*; what it held is found out again$/)
  },
)

test('FM100 checked.jsonl that is too large still counts with its last lines', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH, { manifest: false })
  const entry = await entryOf(volume)
  mkdirSync(join(volume, '.backup'))
  putGiant(join(volume, '.backup/checked.jsonl'))
  await (await openCheckedArchives(volume, () => {})).record(entry, true)

  expect((await openCheckedArchives(volume, () => {})).goodnessOf(entry)).toBe('good')
})

test('FM99 FM100 what can not be written down is known to this run, and that is said', async () => {
  const volume = temporaryVolume()
  putArchive(volume, PATH, { manifest: false })
  const entry = await entryOf(volume)
  await putOdd(join(volume, '.backup/checked.jsonl'), 'a FIFO')
  const told: string[] = []
  const checked = await openCheckedArchives(volume, text => told.push(text))

  await checked.record(entry, true)

  expect(checked.goodnessOf(entry)).toBe('good')
  expect(told[1]).toMatch(/^not recorded: which archives without a manifest are whole: .*checked\.jsonl: a FIFO/)
})
