import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { goodnessByManifest } from '../../src/catalog/goodness.ts'
import type { ManifestHead } from '../../src/catalog/manifest-head.ts'
import { manifestOf } from '../support/volume.ts'

type Part = ManifestHead['parts'][number]

const whole = { ...manifestOf('wallet-db-tob_2026-11-20_01-00-00.sql.gz'), storedBytes: 100 }

/** Of an archive with these parts, such as `dump complete`. */
function goodnessOf(...parts: readonly string[]) {
  return goodnessByManifest({ manifest: { ...whole, parts: parts.map(partOf) }, manifestProblem: null, bytes: 100 })
}

function partOf(text: string): Part {
  const [part = '', status] = text.split(' ')
  return { part, status: status as Part['status'] }
}

describe('an archive is good by its manifest', () => {
  test.each<readonly [string, ...(readonly string[])]>([
    ['of PostgreSQL', 'roles complete', 'dump complete', 'database complete'],
    ['of PostgreSQL whose roles could be read in part', 'roles partial', 'dump complete', 'database complete'],
    ['of PostgreSQL whose roles could not be read', 'roles absent', 'dump complete', 'database complete'],
    ['of PostgreSQL without the facts of its database', 'dump complete', 'database absent'],
    ['adopted', 'dump complete'],
    ['with a part more that is needed', 'dump complete', 'index complete'],
  ])('%s', (_, ...parts) => {
    expect(goodnessOf(...parts)).toBe('good')
  })

  test.each<readonly [string, ...(readonly string[])]>([
    ['without a part'],
    ['with roles alone', 'roles complete'],
    ['with optional parts alone', 'roles complete', 'database complete'],
    ['with half a dump', 'roles complete', 'dump partial', 'database complete'],
    ['without its dump', 'roles complete', 'dump absent'],
    ['with its dump under another name', 'roles complete', 'files complete', 'database complete'],
    ['with one of two parts', 'dump complete', 'index partial'],
  ])('but not one %s', (_, ...parts) => {
    expect(goodnessOf(...parts)).toBe('bad')
  })

  test('never with one part less than complete that is not optional, nor with another size', () => {
    const names = fc.constantFrom('dump', 'files', 'sqlite', 'index')
    const statuses = fc.constantFrom('complete', 'partial', 'absent')
    const parts = fc.uniqueArray(fc.record({ part: names, status: statuses }), { selector: ({ part }) => part })
    const optional = fc.uniqueArray(fc.record({ part: fc.constantFrom('roles', 'database'), status: statuses }), {
      selector: ({ part }) => part,
    })
    fc.assert(
      fc.property(parts, optional, fc.constantFrom(99, 100), (needed, others, bytes) => {
        const manifest = { ...whole, parts: [...others, ...needed] as readonly Part[] }
        const isThere = needed.some(({ part }) => part === 'dump')
        const isGood = isThere && needed.every(({ status }) => status === 'complete') && bytes === 100

        expect(goodnessByManifest({ manifest, manifestProblem: null, bytes })).toBe(isGood ? 'good' : 'bad')
      }),
    )
  })
})
