import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { orphanGroups } from '../../src/catalog/archive-group.ts'
import { readCatalog } from '../../src/catalog/catalog.ts'
import { matchingArchives, pathBelowVolume } from '../../src/catalog/filter.ts'
import { goodnessByManifest } from '../../src/catalog/goodness.ts'
import { isFutureDated, latestOf } from '../../src/catalog/latest.ts'
import { databaseId } from '../../src/config/source-id.ts'
import { manifestOf, putArchive, putFile, temporaryVolume } from '../support/volume.ts'

const ZONE = { timeZone: 'America/Vancouver' }

function names(entries: readonly { readonly folder: string; readonly name: string }[]): string[] {
  return entries.map(entry => pathBelowVolume(entry))
}

describe('readCatalog', () => {
  test('lists the archives of tier and date folders, newest first', async () => {
    const volume = temporaryVolume()
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz')
    putArchive(volume, 'weekly/2026-11-15/db-app_2026-11-15_01-00-00.sql.gz')
    putArchive(volume, 'monthly/2026-10-31/db-app_2026-10-31_01-00-00.sql.gz')
    putArchive(volume, '2026-11-21/db-app_2026-11-21_01-00-00.sql.gz', { bytes: 7 })

    const { entries } = await readCatalog(volume, ZONE)

    expect(entries.map(entry => [entry.tier, entry.folder])).toEqual([
      [null, '2026-11-21'],
      ['daily', 'daily/2026-11-20'],
      ['weekly', 'weekly/2026-11-15'],
      ['monthly', 'monthly/2026-10-31'],
    ])
    expect(entries[0]).toMatchObject({
      stem: 'db-app',
      bytes: 7,
      takenAt: new Date('2026-11-21T08:00:00Z'),
      manifestProblem: null,
    })
  })

  test('FM28 the order is that of the manifests, else of the names, never of the files’ times', async () => {
    const volume = temporaryVolume()
    const old = new Date('2020-01-01T00:00:00Z')
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz', { manifest: false, modified: old })
    putArchive(volume, 'daily/2026-11-19/db-app_2026-11-19_01-00-00.sql.gz', { manifest: false })
    putArchive(volume, 'daily/2026-11-18/db-app_2026-11-18_01-00-00.sql.gz', {
      manifest: { startedAt: '2026-11-22T01:00:00+00:00' },
    })

    const { entries } = await readCatalog(volume, ZONE)

    expect(names(entries).map(path => path.slice(6, 16))).toEqual(['2026-11-18', '2026-11-20', '2026-11-19'])
  })

  test('FM26 foreign files, folders of other shapes and symbolic links are not ours', async () => {
    const volume = temporaryVolume()
    const elsewhere = temporaryVolume()
    const archive = 'db-app_2026-11-20_01-00-00.sql.gz'
    putArchive(elsewhere, `2026-11-20/${archive}`)
    putFile(volume, 'README')
    putFile(volume, `daily/${archive}`)
    putFile(volume, `daily/2026-11-31/${archive}`)
    putFile(volume, `daily/2026-11-20/deeper/${archive}`)
    putFile(volume, `hourly/2026-11-20/${archive}`)
    putFile(volume, `daily/2026-11-20/db-app.sql.gz`)
    putFile(volume, `daily/2026-11-20/photo_2026-11-20_01-00-00.sql.gz`)
    mkdirSync(join(volume, 'daily/2026-11-20', archive))
    symlinkSync(join(elsewhere, '2026-11-20'), join(volume, 'daily/2026-11-21'))
    symlinkSync(elsewhere, join(volume, 'weekly'))
    symlinkSync('/etc/passwd', join(volume, `daily/2026-11-20/${archive}.in_progress`))
    symlinkSync(
      join(elsewhere, '2026-11-20', archive),
      join(volume, 'daily/2026-11-20/db-app_2026-11-20_02-00-00.sql.gz'),
    )

    const catalog = await readCatalog(volume, ZONE)

    expect(catalog).toMatchObject({ entries: [], leftovers: [] })
  })

  test('unfinished files and manifests without archive are leftovers, no backups', async () => {
    const volume = temporaryVolume()
    putFile(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz.in_progress')
    putFile(volume, 'daily/2026-11-20/db-app_2026-11-20_02-00-00.sql.gz.json.in_progress')
    putFile(volume, 'daily/2026-11-20/db-app_2026-11-20_03-00-00.sql.gz.json')

    const catalog = await readCatalog(volume, ZONE)

    expect(catalog.entries).toEqual([])
    expect(catalog.leftovers.map(leftover => leftover.kind).sort()).toEqual(['manifest', 'unfinished', 'unfinished'])
  })

  test('a damaged manifest or one of a newer version is a problem of that archive alone', async () => {
    const volume = temporaryVolume()
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz', { manifest: '{"schemaVer' })
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_02-00-00.sql.gz', { manifest: '{"schemaVersion": 9}' })
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_03-00-00.sql.gz')

    const { entries } = await readCatalog(volume, ZONE)

    expect(entries.map(entry => entry.manifestProblem)).toEqual([
      null,
      'schema version 9; expected 1: a newer version of this program wrote it',
      'not a JSON object; expected a manifest',
    ])
    expect(entries[1]?.takenAt).toEqual(new Date('2026-11-20T09:00:00Z'))
  })

  test('FM23 the files of one stem are exactly its own', async () => {
    const volume = temporaryVolume()
    for (const stem of ['db-app', 'db-app_archive', 'db-appendix', 'my-db-app', 'dbxapp-y']) {
      putArchive(volume, `daily/2026-11-20/${stem}_2026-11-20_01-00-00.sql.gz`)
    }

    const { entries } = await readCatalog(volume, { ...ZONE, stems: new Set(['db-app']) })

    expect(entries.map(entry => entry.stem)).toEqual(['db-app'])
  })

  test('FM34 stems that no configured database has are orphans', async () => {
    const volume = temporaryVolume()
    for (const stem of ['db-app', 'old-shop', 'db-app_archive']) {
      putArchive(volume, `daily/2026-11-20/${stem}_2026-11-20_01-00-00.sql.gz`)
    }

    const { entries } = await readCatalog(volume, ZONE)

    const spec = { host: 'db', port: 5432, database: 'app' }
    const orphans = orphanGroups(entries, [{ ...spec, id: databaseId(spec) }])
    expect(orphans.map(({ name, filter }) => [name, filter])).toEqual([
      ['db-app_archive', 'db-app_archive'],
      ['old-shop', 'old-shop'],
    ])
  })

  test('a volume that is not there is an error for an operator, an empty one is not', async () => {
    const volume = temporaryVolume()

    expect((await readCatalog(volume, ZONE)).entries).toEqual([])
    rmSync(volume, { recursive: true })
    await expect(readCatalog(volume, ZONE)).rejects.toMatchObject({ name: 'OperatorError', kind: 'volume' })
  })
})

describe('matchingArchives', () => {
  async function matched(filter: (volume: string) => string): Promise<string[]> {
    const volume = temporaryVolume()
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz')
    putArchive(volume, 'weekly/2026-11-15/db-app_2026-11-15_01-00-00.sql.gz')
    putArchive(volume, 'daily/2026-11-20/db-app_archive_2026-11-20_01-00-00.sql.gz')
    const { entries } = await readCatalog(volume, ZONE)
    return names(matchingArchives(entries, filter(volume), volume)).sort()
  }

  test.each([
    ['a full path', (volume: string) => `${volume}/daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz`, 1],
    ['a path below the volume', () => 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz', 1],
    ['a file name', () => 'db-app_2026-11-20_01-00-00.sql.gz', 1],
    ['a part of the name', () => 'app_2026', 2],
    ['a date', () => '2026-11-15', 1],
    ['a tier', () => 'weekly/', 1],
    ['the folder of the volume itself', (volume: string) => volume, 0],
    ['nothing', () => '', 0],
    ['a path elsewhere', () => '/etc/passwd', 0],
    ['a pattern that is no text of any name', () => 'db.app', 0],
  ])('%s names what it says', async (_, filter, count) => {
    expect(await matched(filter)).toHaveLength(count)
  })

  test('FM153 a whole name may leave the port out, where that leaves one database', async () => {
    const volume = temporaryVolume()
    putArchive(volume, 'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz', { port: 5433 })
    const matched = async (filter: string): Promise<number> =>
      matchingArchives((await readCatalog(volume, ZONE)).entries, filter, volume).length

    expect([await matched('db/app'), await matched('db:5433/app'), await matched('db:5434/app')]).toEqual([1, 1, 0])
    expect(await matched('postgres=db/app')).toBe(1)
    putArchive(volume, 'daily/2026-11-21/db-app_2026-11-21_01-00-00.sql.gz', { port: 5434 })
    expect([await matched('db/app'), await matched('db:5433/app')]).toEqual([0, 1])
    putArchive(volume, 'daily/2026-11-22/db-app_2026-11-22_01-00-00.sql.gz', { port: 5432 })
    expect(await matched('db/app')).toBe(1)
  })

  test('FM23 a stem names that database and not one whose name begins alike', async () => {
    expect(await matched(() => 'db-app')).toEqual([
      'daily/2026-11-20/db-app_2026-11-20_01-00-00.sql.gz',
      'weekly/2026-11-15/db-app_2026-11-15_01-00-00.sql.gz',
    ])
  })
})

describe('latestOf', () => {
  const now = new Date('2026-11-20T08:00:00Z')
  const at = (text: string): { takenAt: Date } => ({ takenAt: new Date(text) })

  test('FM30 what is dated in the future never is the latest', () => {
    const entries = [at('2030-01-01T00:00:00Z'), at('2026-11-20T07:00:00Z')]

    expect(latestOf(entries, now)).toBe(entries[1])
    expect(latestOf(entries.slice(0, 1), now)).toBeNull()
  })

  test('FM30 clocks of two pods may differ by a few minutes', () => {
    expect(isFutureDated(at('2026-11-20T08:04:00Z'), now)).toBe(false)
    expect(isFutureDated(at('2026-11-20T08:06:00Z'), now)).toBe(true)
  })
})

describe('goodnessByManifest', () => {
  const manifest = manifestOf('db-app_2026-11-20_01-00-00.sql.gz', 100)

  test('FM24 good is a complete dump in a file of the stored size', () => {
    const partial = { ...manifest, parts: manifest.parts.map(part => ({ ...part, status: 'partial' as const })) }

    expect(goodnessByManifest({ manifestProblem: null, manifest, bytes: 100 })).toBe('good')
    expect(goodnessByManifest({ manifestProblem: null, manifest, bytes: 99 })).toBe('bad')
    expect(goodnessByManifest({ manifestProblem: null, manifest: partial, bytes: 100 })).toBe('bad')
    expect(goodnessByManifest({ manifestProblem: null, manifest: { ...manifest, parts: [] }, bytes: 100 })).toBe('bad')
    expect(goodnessByManifest({ manifestProblem: null, manifest: null, bytes: 100 })).toBe('unknown')
    expect(goodnessByManifest({ manifest: null, manifestProblem: 'not JSON', bytes: 100 })).toBe('manifest-unusable')
  })
})
