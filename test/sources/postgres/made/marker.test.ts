import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRemovable, type MadeThing } from '../../../../src/sources/postgres/made/made-things.ts'
import { birthLimit, type Marker, markerBeforeOid, readMarker } from '../../../../src/sources/postgres/made/marker.ts'

const MARKER: Marker = {
  state: 'loading',
  target: 'my shop',
  database: 'my shop_restore_20261120_010000',
  run: '20261120T010000Z-ab12',
  at: '2026-11-20T01:00:00.000Z',
  by: 'backup-7f9c',
}

describe('the marker of what a restore has made', () => {
  test('FM97 can be read by people, in the comments that psql shows', () => {
    expect(`${markerBeforeOid(MARKER)}16403`).toBe(
      'backup-container state=loading target=my%20shop database=my%20shop_restore_20261120_010000 run=20261120T010000Z-ab12 at=2026-11-20T01%3A00%3A00.000Z by=backup-7f9c oid=16403',
    )
  })

  test('FM97 comes back whatever the names are, and only for the OID that it was written for', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' })
    const marker = fc.record<Marker>({
      state: fc.constantFrom('loading' as const, 'kept' as const),
      ...{ target: text, database: text, run: text, at: text, by: text },
    })
    fc.assert(
      fc.property(marker, fc.integer({ min: 1, max: 4_294_967_294 }), (given, oid) => {
        const comment = `${markerBeforeOid(given)}${oid}`
        expect(comment).toMatch(/^[ -~]+$/)
        expect(readMarker(comment, oid)).toEqual(given)
        expect(readMarker(comment, oid + 1)).toBeNull()
      }),
    )
  })

  test.each([
    '',
    'backup-container state=loading target=a%00 database=b run=c at=d by=e oid=16403',
    'sells things',
    'backup-container state=loading',
    `${markerBeforeOid(MARKER)}16403 `,
    'x\nbackup-container state=loading',
  ])('FM97 is no other comment: %j', comment => {
    expect(readMarker(comment, 16_403)).toBeNull()
  })

  test('FM97 what is born without one has a limit that no server reaches, another one for each target', () => {
    fc.assert(
      fc.property(fc.string(), target => {
        expect(birthLimit(target)).toBeGreaterThanOrEqual(1_500_000_000)
        expect(birthLimit(target)).toBeLessThan(2_147_483_647)
      }),
    )
    expect(birthLimit('app')).not.toBe(birthLimit('app2'))
  })
})

describe('what the next restore may remove', () => {
  const base = { name: 'app', characterBytes: [1, 1, 1] }
  const marker: Marker = { ...MARKER, target: 'app', database: 'app_restore_20261120_010000' }
  const database = (name: string, given: MadeThing['marker'] = marker): boolean =>
    isRemovable({ kind: 'database', oid: 1, name, marker: given }, base)
  const role = (name: string, given: MadeThing['marker'] = marker): boolean =>
    isRemovable({ kind: 'role', oid: 1, name, marker: given }, base)

  test('FM97 is what died while it was loaded for the same target', () => {
    expect(database('app_restore_20261120_010000')).toBe(true)
    expect(database('app_restore_20261120_010000', null)).toBe(true)
    expect(database('backup_again_20261120t010000z-ab12')).toBe(true)
    expect(role('backup_loader_01')).toBe(true)
  })

  test('FM97 is neither the live database, nor what was live, is kept, was renamed, or is of another target', () => {
    expect(database('app')).toBe(false)
    expect(database('app', null)).toBe(false)
    expect(database('app_before_20261120_010000')).toBe(false)
    expect(database('app_before_20261120_010000', null)).toBe(false)
    expect(database('app_restore_20261120_010000', { ...marker, state: 'kept' })).toBe(false)
    expect(database('rescued')).toBe(false)
    expect(database('backup_again_another-run')).toBe(false)
    expect(database('app_restore_20261120_010000', { ...marker, target: 'other' })).toBe(false)
    expect(role('app_owner')).toBe(false)
    expect(role('backup_loader_01', null)).toBe(false)
    expect(role('backup_loader_01', { ...marker, target: 'other' })).toBe(false)
  })
})
