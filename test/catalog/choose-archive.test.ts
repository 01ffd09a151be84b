import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ArchiveEntry, readCatalog } from '../../src/catalog/catalog.ts'
import { type ChooseArchiveInput, chooseArchive, namesakeNote } from '../../src/catalog/choose-archive.ts'
import type { Goodness } from '../../src/catalog/goodness.ts'
import { databaseId } from '../../src/config/source-id.ts'
import { manifestOf, putArchive, temporaryVolume } from '../support/volume.ts'

const NOW = new Date('2026-11-20T20:00:00Z')
const SPEC = { host: 'db', port: 5432, database: 'app' }
const DATABASE = { ...SPEC, id: databaseId(SPEC) }

interface Given
  extends Partial<Pick<ChooseArchiveInput, 'database' | 'configured' | 'filter' | 'want' | 'otherDatabases'>> {
  readonly goodness?: (entry: ArchiveEntry) => Goodness
}

async function choose(volume: string, { goodness = () => 'good', ...given }: Given = {}) {
  const { entries } = await readCatalog(volume, { timeZone: 'America/Vancouver' })
  const fixed = {
    database: DATABASE,
    configured: [],
    filter: null,
    backupDir: volume,
    now: NOW,
    want: 'newest',
  } as const
  return chooseArchive({ ...fixed, entries, otherDatabases: false, goodnessOf: goodness, ...given })
}

function put(
  volume: string,
  date: string,
  options: { stem?: string; tier?: string; manifest?: false; port?: number } = {},
): string {
  const { stem = 'db-app', tier = 'daily', port = 5432 } = options
  const path = `${tier}/${date}/${stem}_${date}_01-00-00.sql.gz`
  const database = { ...manifestOf(path).database, host: 'db', port, name: 'app' }
  return putArchive(volume, path, { manifest: options.manifest ?? { database } })
}

describe('chooseArchive', () => {
  test('FM67 takes the newest by its own time, in whatever folder it lies and whenever the file was written', async () => {
    const volume = temporaryVolume()
    const modified = new Date('2026-11-19T00:00:00Z')
    putArchive(volume, 'daily/2026-11-02/db-app_2026-11-02_01-00-00.sql.gz', { manifest: false, modified: NOW })
    const newest = 'monthly/2026-11-18/db-app_2026-11-18_01-00-00.sql.gz'
    putArchive(volume, newest, { manifest: false, modified })
    put(volume, '2026-11-17', { tier: 'weekly' })

    const choice = await choose(volume)

    expect(choice).toMatchObject({ kind: 'chosen', entry: { path: `${volume}/${newest}` }, passedOver: [] })
  })

  test.each([
    ['not configured, and newer', 5433, '2026-11-19', [], true],
    ['not configured, and older', 5433, '2026-11-17', [], false],
    ['configured, whose newest stands beside it in the listing', 5433, '2026-11-19', [5433], false],
    ['the same one', 5432, '2026-11-17', [], false],
  ] as const)('FM168 a database with files of the same names: %s', async (_, port, date, others, isSaid) => {
    const volume = temporaryVolume()
    const own = put(volume, '2026-11-18')
    const namesake = put(volume, date, { port })
    const configured = others.map(each => ({ ...SPEC, port: each, id: databaseId({ ...SPEC, port: each }) }))

    const choice = await choose(volume, { configured: [DATABASE, ...configured] })

    expect(choice).toMatchObject({
      kind: 'chosen',
      entry: { path: own },
      newerNamesake: isSaid ? { path: namesake } : null,
    })
    if (choice.kind !== 'chosen' || !isSaid) return
    expect(namesakeNote(choice)).toMatch(
      /^a newer one that is named alike is of db:5433\/app, which is not configured: daily\/.*; --of db:5433\/app takes it$/,
    )
  })

  test('FM30 an archive that is dated in the future is never the newest, and is named as passed over', async () => {
    const volume = temporaryVolume()
    const right = put(volume, '2026-11-19')
    const future = put(volume, '2027-01-01')

    const choice = await choose(volume)

    expect(choice).toMatchObject({
      kind: 'chosen',
      entry: { path: right },
      passedOver: [{ entry: { path: future }, reason: 'dated in the future' }],
    })
  })

  test('FM30 one that is dated in the future is taken when the filter names it alone', async () => {
    const volume = temporaryVolume()
    put(volume, '2026-11-19')
    const future = put(volume, '2027-01-01')

    const named = await choose(volume, { filter: '2027-01-01' })
    const both = await choose(volume, { filter: 'db-app' })

    expect(named).toMatchObject({ kind: 'chosen', entry: { path: future } })
    expect(both).toMatchObject({ kind: 'chosen', entry: { folder: 'daily/2026-11-19' } })
  })

  test('FM30 with nothing but archives of the future there is none', async () => {
    const volume = temporaryVolume()
    put(volume, '2027-01-01')
    put(volume, '2027-01-02')

    expect(await choose(volume)).toMatchObject({ kind: 'none', reason: 'future' })
  })

  test('FM23 archives of databases whose names begin alike, or that share the stem, are of no interest', async () => {
    const volume = temporaryVolume()
    put(volume, '2026-11-19', { stem: 'db-app_archive' })
    const other = { ...manifestOf('x').database, host: 'db-app', name: 'x' }
    putArchive(volume, 'daily/2026-11-18/db-app_2026-11-18_01-00-00.sql.gz', { manifest: { database: other } })

    expect(await choose(volume)).toMatchObject({ kind: 'none', reason: 'no-archive' })
  })

  test('FM127 a filter decides among its own archives, even if it fits others too', async () => {
    const volume = temporaryVolume()
    const own = put(volume, '2026-11-18')
    put(volume, '2026-11-19', { stem: 'db-shop', manifest: false })

    expect(await choose(volume, { filter: 'daily', otherDatabases: true })).toMatchObject({
      kind: 'chosen',
      entry: { path: own },
      another: null,
    })
  })

  test('FM127 a filter that fits those of another better means that one, and none is chosen', async () => {
    const volume = temporaryVolume()
    put(volume, '2026-11-18')
    put(volume, '2026-11-19', { stem: 'db-ap', manifest: false })

    const choice = await choose(volume, { filter: 'db-ap', otherDatabases: true })

    expect(choice).toMatchObject({ kind: 'none', reason: 'another', text: expect.stringContaining(', of db-ap;') })
  })

  test('FM127 where there is none of its own it may name those of one other, where that is wanted', async () => {
    const volume = temporaryVolume()
    put(volume, '2026-11-09', { stem: 'old-app', manifest: false })
    const other = put(volume, '2026-11-10', { stem: 'old-app', manifest: false })

    const restore = await choose(volume, { filter: 'old-app', otherDatabases: true })
    const proof = await choose(volume, { filter: 'old-app' })

    expect(restore).toMatchObject({ kind: 'chosen', entry: { path: other }, another: 'old-app' })
    expect(proof).toMatchObject({ kind: 'none', reason: 'another' })
  })

  test('FM127 two databases that share a stem are two', async () => {
    const volume = temporaryVolume()
    const database = { ...manifestOf('x').database, host: 'old', name: 'db-app' }
    const second = { ...database, host: 'old-db', name: 'app' }
    putArchive(volume, 'daily/2026-11-18/old-db-app_2026-11-18_01-00-00.sql.gz', { manifest: { database } })
    putArchive(volume, 'daily/2026-11-19/old-db-app_2026-11-19_01-00-00.sql.gz', { manifest: { database: second } })

    const both = await choose(volume, { filter: 'old-db-app', otherDatabases: true })
    const one = await choose(volume, { filter: '2026-11-18', otherDatabases: true })

    expect(both).toMatchObject({
      kind: 'none',
      reason: 'another',
      text: expect.stringContaining('old-db/app, old/db-app'),
    })
    expect(one).toMatchObject({ kind: 'chosen', another: 'old/db-app' })
  })

  test('FM67 a broken archive is chosen for a verification, which must say so, and passed over for a restore', async () => {
    const volume = temporaryVolume()
    const whole = put(volume, '2026-11-18')
    const broken = put(volume, '2026-11-19')
    const goodness = (entry: ArchiveEntry): Goodness => (entry.path === broken ? 'bad' : 'good')

    const proof = await choose(volume, { goodness })
    const restore = await choose(volume, { goodness, want: 'newest-usable' })

    expect(proof).toMatchObject({ kind: 'chosen', entry: { path: broken } })
    expect(restore).toMatchObject({
      kind: 'chosen',
      entry: { path: whole },
      passedOver: [{ entry: { path: broken }, reason: 'not a whole backup' }],
    })
  })

  test('FM30 FM67 whatever there is, none that is older than another usable one is chosen', () => {
    const entry = fc.record({
      day: fc.integer({ min: 1, max: 28 }),
      month: fc.integer({ min: 10, max: 12 }),
      bad: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: each => `${each.month}-${each.day}`, maxLength: 12 }), given => {
        const entries = given.map(({ day, month, bad }): ArchiveEntry & { readonly bad: boolean } => {
          const date = `2026-${month}-${String(day).padStart(2, '0')}`
          const name = `db-app_${date}_01-00-00.sql.gz`
          const place = { path: `/b/daily/${date}/${name}`, folder: `daily/${date}`, name, stem: 'db-app' }
          const takenAt = new Date(`${date}T09:00:00Z`)
          return {
            ...place,
            tier: 'daily',
            takenAt,
            bytes: 1,
            modifiedMs: 0,
            manifest: null,
            manifestProblem: null,
            bad,
          }
        })
        const usable = entries.filter(each => !each.bad && each.takenAt.getTime() <= NOW.getTime())

        const choice = chooseArchive({
          ...{ entries, database: DATABASE, configured: [], filter: null, backupDir: '/b', now: NOW },
          otherDatabases: false,
          want: 'newest-usable',
          goodnessOf: each => ((each as { bad?: boolean }).bad === true ? 'bad' : 'unknown'),
        })

        const newest = Math.max(...usable.map(each => each.takenAt.getTime()))
        if (choice.kind === 'chosen') expect(choice.entry.takenAt.getTime()).toBe(newest)
        else expect(usable).toEqual([])
      }),
    )
  })
})
