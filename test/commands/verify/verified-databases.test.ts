import { expect, test } from 'vitest'
import { readCatalog } from '../../../src/catalog/catalog.ts'
import { verifiedDatabases } from '../../../src/commands/verify/verified-databases.ts'
import { commandContext } from '../../support/command-context.ts'
import { manifestOf, putArchive, temporaryVolume } from '../../support/volume.ts'

const { configuration } = commandContext('/backups', ['db-a', 'db-b', 'db-c', 'db-d']).context

function ofShard(index: number) {
  return { ...configuration, settings: { ...configuration.settings, shard: { index, count: 2 } } }
}

async function verified(
  spec: string,
  given: { readonly of?: typeof configuration; readonly volume?: string; readonly isScheduled?: boolean } = {},
): Promise<readonly string[]> {
  const { of = configuration, volume = temporaryVolume(), isScheduled = false } = given
  const archives = { list: () => readCatalog(volume, { timeZone: 'UTC' }) }
  const found = await verifiedDatabases(
    { spec, isScheduled, configuration: of, archives },
    new AbortController().signal,
  )
  return found.map(({ id }) => id.name)
}

test('all means the databases of this shard', async () => {
  const parts = [await verified('all', { of: ofShard(0) }), await verified('all', { of: ofShard(1) })]

  expect(parts.flat().toSorted()).toEqual(['db/a', 'db/b', 'db/c', 'db/d'])
  expect(parts.every(part => part.length > 0)).toBe(true)
})

test('a database that is named is verified by any shard', async () => {
  expect(await verified('db/a', { of: ofShard(0) })).toEqual(['db/a'])
  expect(await verified('db/a', { of: ofShard(1) })).toEqual(['db/a'])
})

const OLD = 'daily/2026-11-20/old-db-tob_2026-11-20_01-00-00.sql.gz'

/** One database that is no longer listed, and says so in its manifest; one of the bash tool, which says nothing. */
function volumeOfOthers(): string {
  const volume = temporaryVolume()
  const database = { host: 'old-db', port: 5433, name: 'tob' } as const
  putArchive(volume, OLD, { manifest: { database: { ...manifestOf('').database, ...database } } })
  putArchive(volume, 'daily/2026-11-20/bash-db-my-a_2026-11-20_01-00-00.sql.gz', { manifest: false })
  return volume
}

test.each([
  ['b', 'db/b'],
  ['tob', 'old-db:5433/tob'],
  ['old-db/tob', 'old-db:5433/tob'],
  ['bash-db/my-a', 'bash-db/my-a'],
  ['bash/db-my-a', 'bash/db-my-a'],
])('FM139 %s means one database that is configured, or that has archives', async (spec, name) => {
  expect(await verified(spec, { volume: volumeOfOthers() })).toEqual([name])
})

const ALL = 'configured: db/a, db/b, db/c, db/d; only as archives: old-db:5433/tob, bash-db-my-a'

test.each([
  ['a', '-v: this may mean db/a, or the one that has the archives bash-db-my-a_…', 'did you mean db/a?'],
  ['my-a', '-v: this may mean the one that has the archives bash-db-my-a_…', null],
  ['old-db/tbo', 'old-db/tbo: not configured, and no archive is of it', 'did you mean old-db:5433/tob?'],
  ['other/tob', 'other/tob: not configured, and no archive is of it', 'did you mean old-db:5433/tob?'],
  ['tbo', '-v: no database is called that', 'did you mean old-db:5433/tob?'],
  ['old-db-tob', '-v: no database is called that', 'did you mean old-db:5433/tob?'],
  ['hunter2', '-v: no database is called that', null],
])('FM139 %s means none, or more than one, and is wrong usage', async (spec, message, question) => {
  const hint = question === null ? ALL : `${question} ${ALL}`

  await expect(verified(spec, { volume: volumeOfOthers() })).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(`${message}; expected `),
    hint,
  })
})

test('FM139 where nobody watches only whole names count, and one without archives is an outcome that people are told of', async () => {
  const volume = volumeOfOthers()

  expect(await verified('db/typo', { volume, isScheduled: true })).toEqual(['db/typo'])
  await expect(verified('tob', { volume, isScheduled: true })).rejects.toMatchObject({
    kind: 'usage',
    message: '-v: only the end of a name; expected the whole name, host[:port]/database, where nobody is asked',
  })
})

/** `db/a` on the port that is configured, on two others, and one of the bash tool. */
function volumeOfPorts(): string {
  const volume = temporaryVolume()
  for (const [day, port] of [5432, 5433, 5434].entries()) {
    const path = `daily/2026-11-2${day}/db-a_2026-11-2${day}_01-00-00.sql.gz`
    putArchive(volume, path, { manifest: { database: { ...manifestOf('').database, host: 'db', port, name: 'a' } } })
  }
  putArchive(volume, 'daily/2026-11-19/db-a_2026-11-19_01-00-00.sql.gz', { manifest: false })
  return volume
}

test.each([
  ['db/a', 'db/a'],
  ['db:5432/a', 'db/a'],
  ['db:5433/a', 'db:5433/a'],
  ['db:5434/a', 'db:5434/a'],
])('FM169 %s means the database of that port, as everywhere, whose archives are its own', async (spec, name) => {
  const volume = volumeOfPorts()

  expect(await verified(spec, { volume })).toEqual([name])
  expect(await verified(spec, { volume, isScheduled: true })).toEqual([name])
})

test('FM169 a port of which nobody knows anything is wrong usage, and where nobody watches an outcome', async () => {
  const volume = volumeOfPorts()

  await expect(verified('db:5435/a', { volume })).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('db:5435/a: not configured, and no archive is of it'),
    hint: expect.stringContaining('did you mean db:5434/a or db:5433/a?'),
  })
  expect(await verified('db:5435/a', { volume, isScheduled: true })).toEqual(['db:5435/a'])
})
