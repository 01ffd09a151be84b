import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PruneCandidate } from '../../../src/catalog/prune-archives.ts'
import { makeRoom } from '../../../src/catalog/retention/make-room.ts'
import type { Decision } from '../../../src/catalog/retention/retention.ts'
import { manifestOf } from '../../support/volume.ts'

const at = '2026-11-20T01:00:00-07:00'

/** Archives of one database, newest first, that retention wants to remove. */
function doomed(states: readonly string[], goodness: 'good' | 'bad' = 'good'): readonly Decision<PruneCandidate>[] {
  return states.map((state, index) => {
    const name = `wallet-db-tob_2026-11-20_01-00-${String(59 - index)}.sql.gz`
    const copies = [{ destination: 'ftp', state, at, name, bytes: 100 } as const]
    const archive: PruneCandidate = {
      ...{ path: name, folder: 'daily/2026-11-20', name, stem: 'wallet-db-tob', tier: 'daily', takenAt: new Date(at) },
      ...{ bytes: 100, modifiedMs: 0, manifest: { ...manifestOf(name), copies }, manifestProblem: null },
      ...{ goodness, proved: false, failed: false, day: '2026-11-20', protectedUntil: null },
    }
    return { archive, action: 'remove', reason: 'older' }
  })
}

function actions(decisions: readonly Decision<PruneCandidate>[]): readonly string[] {
  return decisions.map(({ action }) => action)
}

test('FM49 an archive that is still to be copied stays, one that was copied goes', () => {
  const decisions = makeRoom(doomed(['failed', 'done', 'waiting']), { destinations: ['ftp'], freeBytes: 300 })

  expect(actions(decisions)).toEqual(['keep', 'remove', 'keep'])
  expect(decisions[0]?.reason).toBe('not yet copied to ftp')
})

test('a destination that is down for long keeps seven, the newest', () => {
  const decisions = makeRoom(doomed(Array.from({ length: 9 }, () => 'failed')), {
    destinations: ['ftp'],
    freeBytes: 300,
  })

  expect(actions(decisions)).toEqual([...Array.from({ length: 7 }, () => 'keep'), 'remove', 'remove'])
})

test('nothing is spared where the next backups need the room', () => {
  expect(actions(makeRoom(doomed(['failed']), { destinations: ['ftp'], freeBytes: 299 }))).toEqual(['remove'])
})

test('what is no whole backup, or was to go to a destination that is no longer set, is not spared', () => {
  expect(actions(makeRoom(doomed(['failed'], 'bad'), { destinations: ['ftp'], freeBytes: 300 }))).toEqual(['remove'])
  expect(actions(makeRoom(doomed(['failed']), { destinations: ['s3'], freeBytes: 300 }))).toEqual(['remove'])
})

/** Retention's own decisions, newest first: `keep`, `extra` (only its period keeps it), `alarmed` or `remove`, and its copy's state. */
function decided(rows: readonly (readonly [string, string])[]): readonly Decision<PruneCandidate>[] {
  const archives = doomed(rows.map(([, state]) => state)).map(({ archive }) => archive)
  return archives.map((archive, index): Decision<PruneCandidate> => {
    const [what] = rows[index] ?? []
    if (what === 'remove') return { archive, action: 'remove', reason: 'older' }
    if (what === 'alarmed') return { archive, action: 'keep', reason: 'before an alarm', yields: 'alarm' }
    return what === 'extra'
      ? { archive, action: 'keep', reason: 'of its day', yields: 'period' }
      : { archive, action: 'keep', reason: 'newest' }
  })
}

describe('FM132 where three more archives do not fit', () => {
  const destinations = ['ftp']
  const rows = [
    ['keep', 'failed'],
    ['extra', 'done'],
    ['extra', 'failed'],
    ['extra', 'done'],
    ['remove', 'failed'],
    ['remove', 'done'],
  ] as const

  test.each<readonly [number, readonly number[]]>([
    [200, [5]],
    [199, [5, 3]],
    [100, [5, 3]],
    [99, [5, 3, 1]],
    [0, [5, 3, 1]],
    [-1, [5, 3, 1, 4]],
    [-101, [5, 3, 1, 4, 2]],
    [-9999, [5, 3, 1, 4, 2]],
  ])('%d bytes free: periods give way first, then what waits for its copy, the oldest first', (freeBytes, gone) => {
    const decisions = makeRoom(decided(rows), { destinations, freeBytes })

    const removed = decisions.flatMap(({ action }, index) => (action === 'remove' ? [index] : []))
    expect(removed).toEqual(gone.toSorted())
  })

  test.each<readonly [number, readonly number[]]>([
    [200, [3]],
    [100, [3, 1]],
    [0, [3, 1, 2]],
  ])('FM214 %d bytes free: after periods what an alarm holds, then what waits for its copy', (freeBytes, gone) => {
    const alarmed = [
      ['keep', 'done'],
      ['alarmed', 'done'],
      ['remove', 'failed'],
      ['extra', 'done'],
    ] as const

    const decisions = makeRoom(decided(alarmed), { destinations, freeBytes })

    const removed = decisions.flatMap(({ action }, index) => (action === 'remove' ? [index] : []))
    expect(removed).toEqual(gone.toSorted())
  })

  test('it is said why', () => {
    const reasons = makeRoom(decided(rows), { destinations, freeBytes: -101 }).map(({ reason }) => reason)

    expect(reasons).toEqual([
      'newest',
      'kept for its period only; 3 more backups would not fit on the volume',
      'kept for its period only; 3 more backups would not fit on the volume',
      'kept for its period only; 3 more backups would not fit on the volume',
      'older; 3 more backups would not fit on the volume',
      'older',
    ])
  })

  test('what else is kept, protected ones among it, never gives way, and no more goes than it takes', () => {
    const row = fc.tuple(fc.constantFrom('keep', 'extra', 'remove'), fc.constantFrom('failed', 'done'))

    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.integer({ min: -500, max: 500 }), (some, freeBytes) => {
        const before = decided(some)
        const after = makeRoom(before, { destinations, freeBytes })
        const roomy = makeRoom(before, { destinations, freeBytes: 10_000 })

        expect(after.filter((each, index) => each.action === 'remove' && some[index]?.[0] === 'keep')).toEqual([])
        const gone = after.filter(({ action }) => action === 'remove').length
        const certain = roomy.filter(({ action }) => action === 'remove').length
        if (gone > certain) expect(freeBytes + 100 * (gone - 1)).toBeLessThan(300)
      }),
    )
  })
})
