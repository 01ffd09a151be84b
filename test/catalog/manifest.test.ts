import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Manifest, parseManifest } from '../../src/catalog/manifest.ts'
import { provedAt, readManifestHead, standingVerdict } from '../../src/catalog/manifest-head.ts'
import { manifestText, writeManifest } from '../../src/catalog/write-manifest.ts'
import { DESTINATION_NAMES } from '../../src/config/destination-settings.ts'
import { manifestOf, temporaryVolume } from '../support/volume.ts'

const NAME = 'wallet-db-tob_2026-11-20_01-00-00.sql.gz'

function verification(
  verdict: 'proved' | 'failed' | 'could-not-verify',
  at: string,
): Manifest['verifications'][number] {
  return { at, from: 'volume', verdict, durationSeconds: 1, reasons: [] }
}

describe('parseManifest', () => {
  test('a whole manifest comes back as it is, unknown fields with it', () => {
    const text = JSON.stringify({ ...manifestOf(NAME), later: { field: [1] } })

    expect(parseManifest(text)).toEqual(JSON.parse(text))
  })

  test('the locale of a database may be recorded', () => {
    const whole = manifestOf(NAME)
    const manifest = { ...whole, database: { ...whole.database, localeProvider: 'icu', icuLocale: 'de' } }

    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest)
  })

  test.each(DESTINATION_NAMES)('knows a copy at %s, and a verdict on it', name => {
    const at = '2026-11-20T02:00:00Z'
    const copies = [{ destination: name, state: 'done', at, name: NAME, bytes: 100 }]
    const manifest: Manifest = {
      ...manifestOf(NAME),
      copies,
      verifications: [{ ...verification('proved', at), from: name }],
    }

    expect(parseManifest(manifestText(manifest))).toEqual(manifest)
  })

  test.each([
    ['', /not a JSON object/],
    ['{"schemaVersion": 1', /not a JSON object/],
    ['[]', /field/],
    ['null', /field/],
    ['{"schemaVersion": 2}', /schema version 2; expected 1/],
    [JSON.stringify({ ...manifestOf(NAME), storedBytes: '100' }), /field "storedBytes"/],
  ])('%j is a problem with words, never an error', (text, problem) => {
    expect(parseManifest(text)).toMatch(problem)
    expect(readManifestHead(text, NAME)).toBeTypeOf('string')
  })
})

describe('readManifestHead', () => {
  test('says the same as the schema about a whole manifest', () => {
    const whole = manifestOf(NAME)

    expect(readManifestHead(JSON.stringify(whole), NAME)).toMatchObject({
      archive: whole.archive,
      startedAt: whole.startedAt,
      storedBytes: whole.storedBytes,
      parts: whole.parts,
    })
  })

  test('FM133 says the same as the schema about label and protection', () => {
    const both = (fields: object) => {
      const text = JSON.stringify({ ...manifestOf(NAME), ...fields })
      return [parseManifest(text), readManifestHead(text, NAME)]
    }
    const marks = { label: 'before 2.0', protectedUntil: '2026-12-20T01:00:00-08:00' }

    for (const read of both({ ...marks, trigger: 'a word of a later version' })) expect(read).toMatchObject(marks)
    for (const read of both({})) expect(Object.keys(read)).not.toContain('label')
    for (const wrong of [
      { label: 'a\nb' },
      { label: '' },
      { label: 7 },
      { label: null },
      { protectedUntil: 'for ever' },
    ])
      expect(both(wrong).map(read => typeof read)).toEqual(['string', 'string'])
  })

  test('a manifest that was copied from another archive is not taken for this one’s', () => {
    expect(readManifestHead(JSON.stringify(manifestOf(NAME)), 'wallet-db-tob_2026-11-21_01-00-00.sql.gz')).toMatch(
      /another archive/,
    )
  })

  test('says the same however the text is indented, and of whatever follows the fingerprint', () => {
    const { fingerprint, ...rest } = manifestOf(NAME)
    const verifications = [verification('proved', '2026-11-20T02:00:00Z')]
    const name = '\n  "fingerprint": {\n\n  }'
    const orders = [
      { ...rest, verifications, fingerprint },
      { fingerprint, ...rest, verifications },
      {
        ...rest,
        fingerprint: { ...fingerprint, tables: [{ name, columns: [name], rows: 1, sha256: name }] },
        verifications,
      },
      { ...rest, fingerprint: {}, verifications },
      { ...rest, omitted: [{ kind: name, name, sqlstate: null, text: name }], fingerprint, verifications },
    ]
    for (const manifest of orders) {
      const heads = [undefined, 1, 2, 4].map(indent => readManifestHead(JSON.stringify(manifest, null, indent), NAME))

      expect(heads[0]).toMatchObject({ verifications, storedBytes: 100 })
      expect(heads).toEqual([heads[0], heads[0], heads[0], heads[0]])
    }
  })

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map(object => JSON.stringify({ schemaVersion: 1, ...object })),
        ),
        text => {
          expect(readManifestHead(text, NAME)).toBeTypeOf('string')
        },
      ),
    )
  })

  test('a manifest with one field of another type is a problem, wherever the schema sees one in the head', () => {
    const fields = [
      'archive',
      'startedAt',
      'finishedAt',
      'rawBytes',
      'storedBytes',
      'database',
      'parts',
      'verifications',
      'omitted',
    ]
    for (const field of fields) {
      const text = JSON.stringify({ ...manifestOf(NAME), [field]: true })

      expect([field, typeof parseManifest(text)]).toEqual([field, 'string'])
      expect([field, typeof readManifestHead(text, NAME)]).toEqual([field, 'string'])
    }
  })
})

describe('provedAt', () => {
  test('the last verdict decides, and "could not verify" is none', () => {
    const proved = verification('proved', '2026-11-20T02:00:00Z')
    const head = (verifications: Manifest['verifications']): string | null =>
      provedAt({ ...manifestOf(NAME), verifications })

    expect(head([])).toBeNull()
    expect(head([proved])).toBe('2026-11-20T02:00:00Z')
    expect(head([proved, verification('could-not-verify', '2026-11-21T02:00:00Z')])).toBe('2026-11-20T02:00:00Z')
    expect(head([proved, verification('failed', '2026-11-21T02:00:00Z')])).toBeNull()
  })

  test('FM51 a copy that fails says nothing about the archive, one that is proved does', () => {
    const proved = verification('proved', '2026-11-20T02:00:00Z')
    const failed = { ...verification('failed', '2026-11-21T02:00:00Z'), from: 's3' as const }

    expect(provedAt({ ...manifestOf(NAME), verifications: [proved, failed] })).toBe('2026-11-20T02:00:00Z')
    expect(provedAt({ ...manifestOf(NAME), verifications: [{ ...proved, from: 'ftp' }] })).toBe('2026-11-20T02:00:00Z')
  })

  test('FM156 a copy that is what was dumped and fails says it of the archive too', () => {
    const proved = verification('proved', '2026-11-20T02:00:00Z')
    const facts = { isWhatWasDumped: 'held', loads: 'broken', comesBack: 'unknown' } as const
    const failed = { ...verification('failed', '2026-11-21T02:00:00Z'), from: 's3' as const, facts }
    const damaged = { ...failed, facts: { ...facts, isWhatWasDumped: 'broken' } as const }

    expect(standingVerdict([proved, failed])).toBe(failed)
    expect(standingVerdict([proved, damaged])).toBe(proved)
    expect(standingVerdict([proved, damaged], 's3')).toBe(damaged)
  })

  test('FM187 a copy that is proved says nothing of the file here that was found to be another one', () => {
    const facts = { isWhatWasDumped: 'broken', loads: 'unknown', comesBack: 'unknown' } as const
    const damaged = { ...verification('failed', '2026-11-20T02:00:00Z'), facts }
    const copy = { ...verification('proved', '2026-11-21T02:00:00Z'), from: 's3' as const }
    const again = verification('proved', '2026-11-22T02:00:00Z')
    const whole = { ...damaged, facts: { ...facts, isWhatWasDumped: 'held' } as const }

    expect(standingVerdict([damaged, copy])).toBe(damaged)
    expect(standingVerdict([damaged, copy], 's3')).toBe(copy)
    expect(standingVerdict([damaged, copy, again])).toBe(again)
    expect(standingVerdict([again, damaged, copy])).toBe(damaged)
    expect(standingVerdict([whole, copy])).toBe(copy)
  })

  test('FM156 what could not be verified stands only where nothing else does', () => {
    const unclear = verification('could-not-verify', '2026-11-21T02:00:00Z')

    expect(standingVerdict([])).toBeNull()
    expect(standingVerdict([unclear])).toBe(unclear)
    expect(standingVerdict([verification('failed', '2026-11-20T02:00:00Z'), unclear])?.verdict).toBe('failed')
  })
})

describe('writeManifest', () => {
  test('FM16 FM22 it is readable by its owner and group only, and no temporary file stays', async () => {
    const volume = temporaryVolume()
    const path = join(volume, `${NAME}.json`)

    await writeManifest(path, manifestOf(NAME))

    expect(statSync(path).mode & 0o007).toBe(0)
    expect(readdirSync(volume)).toEqual([`${NAME}.json`])
    expect(parseManifest(readFileSync(path, 'utf8'))).toEqual(manifestOf(NAME))
  })

  test('it replaces the old one and a temporary file of a dead run, and keeps unknown fields', async () => {
    const volume = temporaryVolume()
    const path = join(volume, `${NAME}.json`)
    const read = parseManifest(JSON.stringify({ ...manifestOf(NAME), later: 1 })) as Manifest
    await writeManifest(`${path}.in_progress`, manifestOf(NAME))
    await writeManifest(path, manifestOf(NAME))

    await writeManifest(path, read)

    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ later: 1 })
    expect(readdirSync(volume)).toEqual([`${NAME}.json`])
  })

  test('FM03 a folder that is not there is an error for an operator', async () => {
    const path = join(temporaryVolume(), 'gone', `${NAME}.json`)

    await expect(writeManifest(path, manifestOf(NAME))).rejects.toMatchObject({ name: 'OperatorError', kind: 'volume' })
  })
})
