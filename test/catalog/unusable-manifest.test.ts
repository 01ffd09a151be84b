import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type ArchiveEntry, readCatalog } from '../../src/catalog/catalog.ts'
import { openCheckedArchives } from '../../src/catalog/checked.ts'
import { chooseArchive, passedOverNote } from '../../src/catalog/choose-archive.ts'
import type { Goodness } from '../../src/catalog/goodness.ts'
import { parseManifest } from '../../src/catalog/manifest.ts'
import { readManifestHead } from '../../src/catalog/manifest-head.ts'
import { decideFilteredRemoval } from '../../src/catalog/retention/filtered-removal.ts'
import type { RetentionArchive } from '../../src/catalog/retention/kept-group.ts'
import { decideRetention } from '../../src/catalog/retention/retention.ts'
import { lookAtManifest } from '../../src/catalog/update-manifest.ts'
import { databaseId } from '../../src/config/source-id.ts'
import { contentProblem } from '../../src/sources/sources.ts'
import { manifestOf, putArchive, temporaryVolume } from '../support/volume.ts'

const NAME = 'db-app_2026-11-20_01-00-00.sql.gz'
const PATH = `daily/2026-11-20/${NAME}`
const whole = manifestOf(NAME)

async function onlyEntry(volume: string): Promise<ArchiveEntry> {
  const { entries } = await readCatalog(volume, { timeZone: 'UTC' })
  const [entry] = entries
  if (entry === undefined) throw new Error('no archive')
  return entry
}

describe('FM102 a manifest that is there and cannot be used', () => {
  test.each<readonly [string, string, RegExp]>([
    ['cut in the middle', JSON.stringify(whole).slice(0, 300), /not a JSON object/],
    ['empty', '', /not a JSON object/],
    ['binary', '\0\u0001\ufffd', /not a JSON object/],
    ['a list', '[]', /not a JSON object/],
    ['of another schema', '{"schemaVersion":"1"}', /schema version "1"; expected 1$/],
    [
      'of a newer version',
      '{"schemaVersion":2}',
      /schema version 2; expected 1: a newer version of this program wrote it/,
    ],
    ['without its fields', '{"schemaVersion":1}', /a field is missing/],
    ['of another archive', JSON.stringify(manifestOf('db-app_2026-11-19_01-00-00.sql.gz')), /of another archive/],
    ['for half of the archive', JSON.stringify({ ...whole, parts: whole.parts.slice(0, 2) }), /its parts do not lie/],
    [
      'with a part elsewhere',
      JSON.stringify({ ...whole, parts: whole.parts.map(part => ({ ...part, offset: 0 })) }),
      /its parts do not lie/,
    ],
    [
      'with one part twice',
      JSON.stringify({ ...whole, parts: whole.parts.map(part => ({ ...part, part: 'dump' })) }),
      /its parts do not lie/,
    ],
    ['too large', `${JSON.stringify(whole)}${' '.repeat(64 * 1024 * 1024)}`, /or more; expected at most 67108864/],
  ])('%s says what is wrong, and is no missing one', async (_, manifest, problem) => {
    const volume = temporaryVolume()
    putArchive(volume, PATH, { manifest })
    const checked = await openCheckedArchives(volume, () => {})

    const entry = await onlyEntry(volume)

    expect(entry).toMatchObject({ manifest: null, manifestProblem: expect.stringMatching(problem) })
    expect(checked.goodnessOf(entry)).toBe('manifest-unusable')
    expect(await lookAtManifest(entry.path, contentProblem)).toMatch(/expected/)
  })

  test('that this user may not read is one too', async () => {
    const volume = temporaryVolume()
    const path = putArchive(volume, PATH)
    chmodSync(volume, 0o755)
    chmodSync(`${path}.json`, 0)
    const script = `import { readCatalog } from '${new URL('../../src/catalog/catalog.ts', import.meta.url).pathname}'
const { entries } = await readCatalog('${volume}', { timeZone: 'UTC' })
console.log(entries[0].manifestProblem)`

    const asAnybody = ['--reuid=1000690000', '--regid=0', '--clear-groups', process.execPath]
    const said = execFileSync('setpriv', [...asAnybody, '--input-type=module', '-e', script], { encoding: 'utf8' })

    expect(said.trim()).toBe(
      'this user has no right to it (it belongs to user 0 of group 0, mode 0000; this is user 1000690000 of group 0); expected a file that can be read',
    )
  })

  test('is not vouched for by what an earlier reading of the archive found', async () => {
    const volume = temporaryVolume()
    const path = putArchive(volume, PATH, { manifest: false })
    const checked = await openCheckedArchives(volume, () => {})
    await checked.record(await onlyEntry(volume), true)
    rmSync(path)
    putArchive(volume, PATH, { manifest: '{' })

    expect(checked.goodnessOf(await onlyEntry(volume))).toBe('manifest-unusable')
  })

  test('is the same to the reader of heads and to that of whole manifests', () => {
    const halves = [
      { ...whole, parts: whole.parts.slice(1) },
      { ...whole, storedBytes: 99 },
      { ...whole, parts: [] },
    ]

    for (const half of halves) {
      const text = JSON.stringify(half)
      expect(readManifestHead(text, NAME)).toBe(parseManifest(text))
      expect(parseManifest(text)).toMatch(/its parts/)
    }
  })
})

const NOW = new Date('2026-11-30T00:00:00Z')

function archive(day: number, goodness: Goodness): RetentionArchive & { readonly goodness: Goodness } {
  const date = `2026-11-${String(day).padStart(2, '0')}`
  const path = `/b/daily/${date}/db-app_${date}_01-00-00.sql.gz`
  return {
    path,
    stem: 'db-app',
    tier: 'daily',
    takenAt: new Date(`${date}T01:00:00Z`),
    goodness,
    proved: false,
    failed: false,
    day: date,
    protectedUntil: null,
  }
}

describe('FM102 an archive whose manifest cannot be used', () => {
  test('is passed over by a restore, which says so, and looked at by a proof', () => {
    const entry = (day: number, manifestProblem: string | null): ArchiveEntry => {
      const name = `db-app_2026-11-${day}_01-00-00.sql.gz`
      const place = { path: `/b/daily/2026-11-${day}/${name}`, folder: `daily/2026-11-${day}`, name, stem: 'db-app' }
      const takenAt = new Date(`2026-11-${day}T01:00:00Z`)
      return { ...place, tier: 'daily', takenAt, bytes: 1, modifiedMs: 0, manifest: null, manifestProblem }
    }
    const [good, damaged] = [entry(18, null), entry(19, 'not a JSON object; expected a manifest')]
    const spec = { host: 'db', port: 5432, database: 'app' }
    const choose = (entries: readonly ArchiveEntry[], want: 'newest' | 'newest-usable') => {
      return chooseArchive({
        ...{ entries, database: { ...spec, id: databaseId(spec) }, filter: null, backupDir: '/b', now: NOW, want },
        configured: [],
        otherDatabases: false,
        goodnessOf: each => (each.manifestProblem === null ? 'good' : 'manifest-unusable'),
      })
    }

    const restore = choose([damaged, good], 'newest-usable')

    expect(restore).toMatchObject({ kind: 'chosen', entry: good })
    expect(restore.passedOver.map(passedOverNote)).toEqual([
      `passed over ${damaged.folder}/${damaged.name}: its manifest cannot be used: not a JSON object; expected a manifest`,
    ])
    expect(choose([damaged, good], 'newest')).toMatchObject({ kind: 'chosen', entry: damaged })
    expect(choose([damaged], 'newest-usable')).toMatchObject({
      kind: 'none',
      text: expect.stringContaining(`the manifest of ${damaged.name}`),
    })
  })

  test('neither counts in retention nor goes sooner than a bad one would', () => {
    const decide = (goodness: Goodness, counted: number) => {
      const archives = [archive(20, 'good'), archive(19, goodness), archive(18, 'good'), archive(17, goodness)]
      const keep = { daily: counted, weekly: 1, monthly: 1, yearly: 0, all: counted }
      const result = decideRetention({
        stem: 'db-app',
        archives,
        keep,
        strategy: 'rolling',
        now: NOW,
        fresh: null,
        heldBefore: null,
      })
      if (result.kind === 'unknown') throw new Error('everything is known')
      return result.decisions.map(({ action }) => action)
    }

    for (const counted of [1, 2, 3]) expect(decide('manifest-unusable', counted)).toEqual(decide('bad', counted))
    expect(decide('manifest-unusable', 2)).toEqual(['keep', 'keep', 'keep', 'remove'])
  })

  test('says in retention why it is no good one', () => {
    const archives = [archive(20, 'manifest-unusable'), archive(19, 'good'), archive(18, 'manifest-unusable')]
    const keep = { daily: 1, weekly: 1, monthly: 1, yearly: 0, all: 1 }

    const result = decideRetention({
      stem: 'db-app',
      archives,
      keep,
      strategy: 'rolling',
      now: NOW,
      fresh: null,
      heldBefore: null,
    })

    expect(result).toMatchObject({
      decisions: [
        { action: 'keep', reason: 'its manifest cannot be used, and newer than what would replace it' },
        { action: 'keep' },
        { action: 'remove', reason: 'its manifest cannot be used, and older than the newest 1 good daily backups' },
      ],
    })
  })

  test('is the last that -p -f removes, where none is known to be good', () => {
    const archives = [archive(20, 'bad'), archive(19, 'manifest-unusable'), archive(18, 'bad')]

    const decide = (force: boolean) =>
      decideFilteredRemoval({ archives, matches: () => true, force, now: NOW, heldBefore: null })

    expect(decide(false)).toMatchObject({
      decisions: [
        { action: 'remove' },
        { action: 'keep', reason: 'the last backup of its database that may be whole: only --force removes it' },
        { action: 'remove' },
      ],
    })
    expect(decide(true)).toMatchObject({ decisions: [1, 2, 3].map(() => ({ action: 'remove' })) })
  })
})
