import { expect } from 'vitest'
import type { Attack } from '../corpus/hostile/attack.ts'
import type { Finding } from './hostile-runs.ts'

/** No witness has changed, and the program said of the archive what it should. */
export function expectHarmless(attack: Attack, found: Finding | undefined): void {
  expect(found?.tripped).toEqual([])
  if (found === undefined || found.notBackedUp !== null || attack.expected === 'any') return
  const { verdict, reasons, restoreCode, restored, restoreSaid } = found
  const said = { verdict, reasons, restoreCode, restored, restoreSaid }
  if (attack.expected === 'proved') expect(said).toMatchObject({ verdict: 'proved', restoreCode: 0, restored: true })
  else {
    expect(said).toMatchObject({
      verdict: 'could-not-verify',
      restored: false,
      reasons: expect.stringMatching(attack.names ?? /./),
    })
    expect(said.restoreCode).not.toBe(0)
  }
}
