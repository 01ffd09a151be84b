import { expect } from 'vitest'
import type { Attack } from '../corpus/hostile/attack.ts'
import type { Finding } from './hostile-runs.ts'

/** No witness has changed, every mode has come to its end, and the program said of the archive what it should. */
export function expectHarmless(attack: Attack, found: Finding | undefined): void {
  if (found === undefined) throw new Error(`${attack.name}: it was not tried; expected a finding`)
  const { tripped, notBackedUp, verdict, reasons, restoreCode, restored, restoreSaid } = found
  expect(tripped).toEqual([])
  // A source that defends itself against being backed up harms nobody else.
  if (attack.expected === 'any' && notBackedUp !== null) return
  expect({ notBackedUp, verdict, restoreCode }).toEqual({
    notBackedUp: null,
    verdict: expect.any(String),
    restoreCode: expect.any(Number),
  })
  const said = { verdict, reasons, restoreCode, restored, restoreSaid }
  if (attack.expected === 'proved') expect(said).toMatchObject({ verdict: 'proved', restoreCode: 0, restored: true })
  if (attack.expected === 'refused') expectRefused(said, attack)
}

function expectRefused(said: Partial<Finding>, { names }: Attack): void {
  expect(said).toMatchObject({
    verdict: 'could-not-verify',
    restored: false,
    reasons: expect.stringMatching(new RegExp(names?.source ?? '.', 'i')),
  })
  expect(said.restoreCode).not.toBe(0)
}
