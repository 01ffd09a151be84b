import { describe, expect, test } from 'vitest'
import type { Remark } from '../../../../src/events.ts'
import { asOfStandIn } from '../../../../src/sources/postgres/prove/stand-in-server.ts'

const HELD = { isWhatWasDumped: 'held', loads: 'held', comesBack: 'held' } as const
const remark = (kind: string): Remark => ({ kind, name: `a ${kind}`, sqlstate: null, text: 'it did not come back' })
const found = {
  ...{ facts: { ...HELD, comesBack: 'broken' } as const, changes: [], loadErrors: [], unclear: [] },
  differences: [remark('statement')],
}
const other = { source: 16, standIn: 17 }

describe('what a server of another major finds', () => {
  test('FM197 a statement that is written otherwise could not be verified, and it is said what to install', () => {
    expect(asOfStandIn(found, other)).toMatchObject({
      facts: { ...HELD, comesBack: 'unknown' },
      differences: [],
      unclear: [remark('statement'), { text: expect.stringContaining('install postgresql-16') }],
    })
  })

  test('FM197 a statement that is refused could not be verified', () => {
    const refused = { ...found, facts: { ...HELD, loads: 'broken', comesBack: 'unknown' } as const, differences: [] }

    expect(asOfStandIn({ ...refused, loadErrors: [remark('statement')] }, other)).toMatchObject({
      obstacles: [remark('statement'), { kind: 'server' }],
      facts: { ...HELD, loads: 'unknown', comesBack: 'unknown' },
    })
  })

  test.each(['table', 'sequence', 'large object'])(
    'FM197 a %s that is not the same is a failure all the same',
    kind => {
      const both = { ...found, differences: [remark('statement'), remark(kind)] }

      expect(asOfStandIn(both, other)).toMatchObject({ facts: { comesBack: 'broken' }, differences: [remark(kind)] })
    },
  )

  test('FM197 an archive that is not what was dumped has failed, and so has one on its own major', () => {
    const changed = { ...found, facts: { ...found.facts, isWhatWasDumped: 'broken' } as const }

    expect(asOfStandIn(changed, other)).toBe(changed)
    expect(asOfStandIn(found, { source: 17, standIn: 17 })).toBe(found)
  })
})
