import { expect, test } from 'vitest'
import type { PruneCandidate } from '../../../src/catalog/prune-archives.ts'
import type { Decision } from '../../../src/catalog/retention/retention.ts'
import { spareUncopied } from '../../../src/catalog/retention/make-room.ts'
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
      ...{ goodness, proved: false },
    }
    return { archive, action: 'remove', reason: 'older' }
  })
}

function actions(decisions: readonly Decision<PruneCandidate>[]): readonly string[] {
  return decisions.map(({ action }) => action)
}

test('FM49 an archive that is still to be copied stays, one that was copied goes', () => {
  const decisions = spareUncopied(doomed(['failed', 'done', 'waiting']), { destinations: ['ftp'], freeBytes: 300 })

  expect(actions(decisions)).toEqual(['keep', 'remove', 'keep'])
  expect(decisions[0]?.reason).toBe('not yet copied to ftp')
})

test('a destination that is down for long keeps seven, the newest', () => {
  const decisions = spareUncopied(doomed(Array.from({ length: 9 }, () => 'failed')), {
    destinations: ['ftp'],
    freeBytes: 300,
  })

  expect(actions(decisions)).toEqual([...Array.from({ length: 7 }, () => 'keep'), 'remove', 'remove'])
})

test('nothing is spared where the next backups need the room', () => {
  expect(actions(spareUncopied(doomed(['failed']), { destinations: ['ftp'], freeBytes: 299 }))).toEqual(['remove'])
})

test('what is no whole backup, or was to go to a destination that is no longer set, is not spared', () => {
  expect(actions(spareUncopied(doomed(['failed'], 'bad'), { destinations: ['ftp'], freeBytes: 300 }))).toEqual([
    'remove',
  ])
  expect(actions(spareUncopied(doomed(['failed']), { destinations: ['s3'], freeBytes: 300 }))).toEqual(['remove'])
})
