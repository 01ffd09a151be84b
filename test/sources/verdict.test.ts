import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FactState, ProofFacts, Remark } from '../../src/events.ts'
import { type Findings, judge } from '../../src/sources/verdict.ts'

const facts = (...[isWhatWasDumped, loads, comesBack]: readonly [FactState, FactState, FactState]): ProofFacts => ({
  isWhatWasDumped,
  loads,
  comesBack,
})
const remark = (kind: string, name: string | null = null): Remark => ({ kind, name, sqlstate: null, text: 'x' })
const HELD: Findings = { facts: facts('held', 'held', 'held'), failures: [], obstacles: [], omitted: [], respelled: 0 }

describe('a verdict', () => {
  test('is proved when all three facts hold and nothing stood in the way', () => {
    expect(judge(HELD)).toEqual({ verdict: 'proved', reasons: [], notes: [] })
  })

  test('FM85 of a dump that left something out says what is missing', () => {
    const omitted = [remark('subscription', 's'), remark('user mapping')]

    expect(judge({ ...HELD, omitted })).toMatchObject({
      verdict: 'proved',
      notes: ['without: subscription s, user mapping'],
    })
  })

  test('FM79 says how many statements were spelled differently', () => {
    expect(judge({ ...HELD, respelled: 1 }).notes[0]).toMatch(/^1 statement is spelled differently/)
    expect(judge({ ...HELD, respelled: 2 }).notes[0]).toMatch(/^2 statements are spelled differently/)
  })

  test('FM72 is three-valued: broken fails, unknown is no verdict on the archive', () => {
    const state = fc.constantFrom<FactState>('held', 'broken', 'unknown')
    const remarks = fc.array(fc.constant(remark('table', 't')), { maxLength: 2 })
    fc.assert(
      fc.property(state, state, state, remarks, remarks, (one, two, three, failures, obstacles) => {
        const states = [one, two, three]
        const { verdict, reasons } = judge({ ...HELD, facts: facts(one, two, three), failures, obstacles })

        const fails = failures.length > 0 || states.includes('broken')
        const open = obstacles.length > 0 || states.includes('unknown')
        expect(verdict).toBe(fails ? 'failed' : open ? 'could-not-verify' : 'proved')
        expect(reasons.length === 0).toBe(verdict === 'proved')
      }),
    )
  })
})
